"""An ORM's way of destroying: load each object, delete it, let it cascade, commit per 1,000."""

import time
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from bench.volume import CUTOFF, driver

#: So many roots are destroyed and the rate is carried over: all of them would take an hour.
ROOTS = 2_000


class Base(DeclarativeBase):
    """The tables as objects."""


class Line(Base):
    """A row below a patient."""

    __tablename__ = "line"
    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"))


class Visit(Base):
    """A row below a patient."""

    __tablename__ = "visit"
    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"))


class Patient(Base):
    """A root."""

    __tablename__ = "patient"
    id: Mapped[int] = mapped_column(primary_key=True)
    seen_on: Mapped[date]
    visits: Mapped[list[Visit]] = relationship(cascade="all, delete-orphan")
    lines: Mapped[list[Line]] = relationship(cascade="all, delete-orphan")


def session_delete(url: str, _folder: Path) -> dict[str, float]:
    """Destroy the first roots that are expired; five rows each."""
    engine = sa.create_engine(driver(url))
    begun = time.perf_counter()
    with Session(engine) as session:
        ids = session.scalars(sa.select(Patient.id).where(sa.text(f"seen_on <= '{CUTOFF}'")).limit(ROOTS)).all()
        for number, one in enumerate(ids, 1):
            session.delete(session.get_one(Patient, one))
            if number % 1000 == 0:
                session.commit()
        session.commit()
    return {"seconds": time.perf_counter() - begun, "rows": 5 * len(ids), "longest": 0.0}
