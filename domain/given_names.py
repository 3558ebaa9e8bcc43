"""Given names that are heard in the Netherlands: a capital word among them is a person, though no system knows them.

Folded: lower case, without accents. Left out are names that are more often another word (Can, May, Ken); some count
only inside a sentence, where a capital says that it is a name.
"""

from __future__ import annotations

GIVEN_NAMES = frozenset(
    """
    aad aafke aaltje aart abdel abdelkader abdellah abderrahim abdul abdullah abel abena achmed ad adam adriaan
    adriana adrie agnieszka ahmed ahmet aicha aiden aisha akke alan albert albertus aleida alex alexander alexandra
    alfons ali alice alida alie alina aliya alje alwin ama amal amber amelia amina amir amira amy an ana anas andre
    andrea andreas andrew andries andriy anil anita anja anke ankie ann anna anne anneke annelies annemarie annemiek
    annet annette annie annika anny anouk ans ansje anthony antje antoinette anton antonia antonius antoon appie
    arend ariane arie arjan arjen arnold arnoud arthur astrid atie auke ayoub ayse aysel aziz azra babette baran
    barbara barend barry bart bas bashar bastiaan bea beatrix bella ben benjamin bennie bep berend bernadette
    bernard bert bertha bertus bets betsy betty bianca bilal bjorn bob boris bouchra boukje boy brahim bram brandon
    brenda brian brigitte britt bruno burak callum carel carin carina carla carlijn carlo carlos carmen carolien
    carolina caroline caspar catharina cathy cees cem chantal charles charlotte chiara chris christa christel
    christiaan christian christien christina christine claire clara claudia coby coen coenraad colin conny cor
    corina corine cornelia cornelis corrie corry cristina cynthia daan daisy damian daniel danielle danny daphne
    daria dave david deborah demi denise dennis derk derya desiree diana dick diederik diego dieuwke dilara dina
    dineke dinie dirk dirkje djoeke dmitri dominique donald dora doreen dorien doris dorothea dorus douwe driss
    duncan dylan ebru eddy edgar edith edo eduard edward edwin eefje eelco eelke egbert ela elena elias elif eline
    elisa elisabeth elise elizabeth elke ella ellen elly els elsbeth elske elvira ely emiel emil emilia emily emine
    emir emma emmy emre enes engeltje eric erica erik erika erin ernst erwin esme esmee esra esther ethan eva
    evelien eveline evelyn evert ewa fabian fadila fadma farid farida fatih fatiha fatima fatma fay feline felix
    femke fenna fenne ferdinand ferry fieke fien filip fiona fleur flip floor floortje floris foekje fokke francien
    franciscus franciska frank frans fred freddy frederik freek frida frits frouke gabriel geert geertje geertruida
    gemma george gerard gerarda gerben gerda gerrie gerrit gerritje gert gertjan gertrude giel gijs gijsbert gina
    gisela giulia gloria gonny govert grace gre greet greetje guido gulsen gunter guus gwen hafid hajar hakan hakim
    halil halima hamid hamza hana hanna hannah hanneke hannie hans harald harm harmen harold harrie harriet harry
    hasan hassan hatice heidi hein heleen helen helena helga hella hendrik hendrika hendrikus henk henny henri
    henrieke henriette henry herman hermien hester hetty hiba hicham hidde hilda hilde hille hind houda hubert hugo
    huib huseyin huub iain ibrahim ida iet ietje ikram ilham ilona ilse imane imke imran ina ineke ines inge
    ingeborg ingrid irene iris irma isaac isabel isabella isabelle ismail ivan ivanka ivo ivonne iwan jaap jacco
    jack jacob jacoba jacobus jacqueline jacques jaimy jake jamal james jamila jan jana jane janet janine janna
    janneke jannes jannie janny jantine jantje janus jarno jasmijn jasmine jasper jay jayden jean jeanet jeanette
    jeanne jelle jelmer jennifer jenny jens jeroen jerry jesper jesse jessica jet jetske jetty jim jimmy jitske joan
    joanna job jochem jochen jody joep joey johan johanna johannes john johnny joke jolanda jolanta jolanthe jolien
    jonas jonathan joop joost jopie jordy jorge jorien joris jorrit jos jose josef josefien joseph josephine joshua
    josien josine joyce joze juan judith jules julia julian juliana julie julien juliette jurgen jurre jurrien
    justin jutta kai karel karen karim karima karin karina karlijn karst kasper katarzyna kate katharina kathleen
    kathy katinka katja katrien kay kees keimpe kelly kelvin kemal kenneth kenza kerem kevin khadija khalid kim
    kirsten kitty klaartje klaas klara klaus koen koenraad kofi koos koosje krijn krista kristel krzysztof kwame
    laila lammert lara larissa lars latifa laura lauren laurens laurie lea leen leendert leendertje leila lena lenie
    lennart leo leon leonard leonie leontine leroy leslie levi lewis lia liam lian lianne lidewij lidia lidy lieke
    lien lieneke lies liesbeth lieuwe lieve lijsbeth lilian lily lina linda linde lineke ling linn linsey lisa
    lisanne lisette lizzy lobke loek loes lois lotte lou louis louisa louise lourens lowie luc luca lucas lucia
    lucien lucinda ludo luigi luke luna luuk lydia maaike maarten maartje machteld madelief madelon magda magdalena
    mahmoud malgorzata malika malou manon manuel mara marc marcel marcella marco marek margaret margaretha margje
    margo margot margreet margriet maria marian marianne marie marieke mariella marielle marije marijke marijn
    marika marike marina marinus mario marion maris marisa marit marja marjan marjo marjolein marjolijn marjon mark
    marko marlies marlijn marloes marlous marry mart martha marthe martien martijn martin martina martine martinus
    marwa mary maryam mathias mathijs mathilde matthew matthijs maud maureen maurice maurits max maxime maya mees
    megan mehdi mehmet mei meike meindert melanie melissa melvin menno mercedes merel meryem meta mia micha michael
    michel michelle michiel mick miek mieke mientje miep mike mila milan milena milou mimoun mina mineke minke
    miranda mirella miriam mirjam mitchell mo mohamed mohammed mona monica monika monique morris mounir mourad
    muhammed murat mustafa myrna myrthe nadia nadine nadja naima najat nancy naomi narges natalia natalie natascha
    natasja nathalie nathan nawal nel nelleke nellie nelly nick nicky nico nicola nicolaas nicole niek niels nienke
    nikki nils nina ninke noa noah noor noortje nora norah norman noud noura nouria nynke oguz okke oksana olaf
    olena olga oliver olivia olivier omar omer onno oscar osman otto pablo pamela pascal patricia patrick paul paula
    paulien pauline pedro peggy perry peter petra petronella philip philippe pia pien pier piet pieter pieternel
    pieternella pietje pim piotr pleun priscilla priya quincy quint quinten rachel rachid radha rafael rahma raimond
    raj ralf ralph ramazan ramon ramona rana randy rania raoul raymond rebecca reinder reinhard reinier reinout
    remco remy rena renate rene renee rens renske reza ria rianne richard richelle rick rico rie rien rik rinske
    rinus rita rixt rob robbert robert roberto robin rochelle rodney roel roeland roelof roger roland rolf romy ron
    ronald ronnie rosa rosalie rosanne rosemarie roxanne roy ruben rudi rudolf rudy rutger ruth ruud ryan saar
    sabine sabrina sacha said saida salima salma sam samantha samir samira samuel sander sandra sanna sanne sara
    sarah sascha saskia sebastiaan selina selma serge shanti sharon shirley siebe siebren siem siert sietse sietske
    sigrid sijbren silke silvia simon simone sjaak sjaan sjanie sjef sjoerd sjors sjoukje soenita sofia sofie sophie
    soraya souad soufiane stan stef stefan stefanie steffie stella stephan stephanie steven stijn sue sunita susan
    susanna susanne suzan suzanne sven svetlana sylvana sylvester sylvia sytske tamara tania tanja tara tarik tariq
    teake ted teddy tessa teun teunis teuntje thea theo theodora theodorus theresa therese theresia thierry thijs
    thom thomas tiago tibor tieme tijmen tijn tim timo tina tineke tinie tiny tjeerd tjitske tobias tom tomas tomasz
    tommy ton toni tonnie tonny tony toon toos trees trijntje trudie trudy truida truus truusje tugba ulku umut
    ursula valentina valerie vanessa vera veronica veronique victor victoria vincent viola virginia vivian walid
    walter wanda warda wei wendy werner wesley wessel wiebe wiebke wieke wietske wijnand wil wilbert wilco wilfred
    wilhelm wilhelmina wilhelmus willeke willem willemien willemijn willemina william willie willy wilma wim wineke
    winfried wobke wouter wybren xander xandra xavier yannick yara yasemin yasin yasmin yasmina yasmine yassin
    yassine yaw ymke yolanda younes youri youssef ype yusra yusuf yves yvette yvonne zahra zakaria zehra zeynep zita
    zoe zofia zohra zsuzsa
    """.split()
)
#: At the head of a sentence these are ordinary words: "Wil graag douchen", "Leen een rolstoel".
ORDINARY_AT_THE_HEAD = frozenset("ad amber an job leen lies linde max merel mo pier ton wil".split())
