-- The eight tables of TPC-H in the shape of shared/data/perf_tpch/schema_postgres.sql, made without chance: 2,000
-- customers of whom a third never ordered, 20,000 orders, 80,000 lines. TPC-H gives a supplier no date; we add one.
ALTER TABLE supplier ADD s_ended_on date;
CREATE FUNCTION pick(n bigint, salt int, below bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS
  'SELECT abs(hashint8extended(n, salt)) % below';
INSERT INTO region SELECT n, 'REGION ' || n, '' FROM generate_series(0, 4) n;
INSERT INTO nation SELECT n, 'NATION ' || n, n % 5, '' FROM generate_series(0, 24) n;
INSERT INTO part SELECT n, 'part ' || n, 'Manufacturer#1', 'Brand#11', 'STANDARD', n % 50, 'JUMBO BOX', 900 + n % 200, ''
  FROM generate_series(1, 2000) n;
INSERT INTO supplier
  SELECT n, 'Supplier#' || n, 'Street ' || n, n % 25, '11-' || n, 0, '',
         CASE WHEN n > 80 THEN date '1990-01-01' + n::int * 10 END FROM generate_series(1, 100) n;
INSERT INTO partsupp SELECT p, (p + 25 * i) % 100 + 1, 10, 1, '' FROM generate_series(1, 2000) p, generate_series(0, 3) i;
INSERT INTO customer
  SELECT n, 'Customer#' || n, 'Street ' || n, n % 25, '25-' || n, 0, 'BUILDING', '' FROM generate_series(1, 2000) n;
-- A customer whose number divides by 3 never ordered; the others order during one to seven years from 1992.
INSERT INTO orders
  SELECT n, c, 'F', 100, date '1992-01-01' + pick(n, 2, 365 * (1 + c % 7))::int, '1-URGENT', 'Clerk#1', 0, ''
  FROM (SELECT n, pick(n, 1, 666) * 3 + 1 + n % 2 AS c FROM generate_series(1, 20000) n) numbered;
-- Suppliers 81 and up have ended; of 91 and up nothing was ever ordered.
INSERT INTO lineitem
  SELECT o_orderkey, p, CASE WHEN s > 90 THEN (s + 24) % 100 + 1 ELSE s END, l, 1, 10, 0, 0, 'N', 'F',
         o_orderdate + 5, o_orderdate + 9, CASE WHEN o_orderkey % 997 > 0 THEN o_orderdate + 10 + l::int END, 'NONE', 'AIR', ''
  FROM orders, generate_series(1, 1 + o_orderkey % 7) l,
       LATERAL (SELECT 1 + pick(o_orderkey * 8 + l, 3, 2000) AS p) parted,
       LATERAL (SELECT (p + 25 * (l % 4)) % 100 + 1 AS s) supplied;
DROP FUNCTION pick;
ANALYZE;
