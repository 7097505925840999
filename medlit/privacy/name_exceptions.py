"""What looks like a name in the literature and names no patient: public figures, eponyms, the endings of terms."""

from __future__ import annotations

import re

PUBLIC_FIGURES = frozenset(
    line.strip()
    for line in """
    abraham lincoln|amy winehouse|barry marshall|bob dylan|bob marley|charlie sheen|cochran mantel|freddie mercury
    frederic chopin|jack russell|jade goody|john lennon|jessner kanof|katie couric|kylie minogue|linda mccartney
    mohammed ali|peter pan|rhodesian ridgeback|robert schumann|robin warren|rosemary kennedy|vincent gogh|walter freeman
    wolfgang mozart
    abraham maslow|ada lovelace|alan turing|albert bandura|albert einstein|albert sabin|albert schweitzer
    alexander fleming|alexander technique|alice in|alice ball|aldous huxley|alois alzheimer|ambroise pare
    andreas vesalius|andrew wakefield|angelina jolie|anthony fauci|archie cochrane|arnold gesell|arthur kleinman
    arthur ashe|atul gawande|augustus waller|austin bradford|austin flint|avedis donabedian|baruch blumberg
    benjamin rush|bernard lown|betty ford|betty neuman|bill gates|blaise pascal|bruce willis|brown sequard
    callista roy|carl jung|carl linnaeus|carl rogers|celine dion|chadwick boseman|charles bonnet|charles darwin
    charles dickens|charles drew|charlie gard|christiaan barnard|christopher reeve|cicely saunders|clara barton
    claude bernard|claude monet|daniel kahneman|denis mukwege|donald trump|dorothea dix|dorothea orem
    dorothy hodgkin|edgar allan|edward jenner|edward snowden|elizabeth blackwell|elizabeth taylor|emil kraepelin
    emily dickinson|erik erikson|ernest hemingway|ernest rutherford|faye abdellah|florence nightingale
    francis crick|francis galton|frank netter|franklin roosevelt|franz kafka|frederick banting|frederick sanger
    frida kahlo|fyodor dostoevsky|gregor mendel|gregory house|hans selye|harvey cushing|helen keller
    henrietta lacks|henry gray|hildegard peplau|imogene king|isaac newton|ivan pavlov|jacqueline fawcett
    james lind|james parkinson|james simpson|james watson|jane austen|jane goodall|jean martin|jean piaget
    jean watson|jimmy carter|joe biden|john bowlby|john dalton|john hunter|john keats|john locke|john snow
    john kennedy|john ioannidis|jonas salk|joseph bell|joseph lister|joseph merrick|joseph stalin|karen quinlan
    karl landsteiner|karl popper|kate middleton|kate granger|konrad lorenz|kurt cobain|lawrence kohlberg
    leonardo da|lou gehrig|louis pasteur|louis braille|lucy letby|ludwig beethoven|luke fildes|madeleine leininger
    magic johnson|marcus gunn|margaret sanger|marie curie|marie stopes|mark twain|martha rogers|mary mallon
    mary seacole|mary shelley|max weber|michael jackson|michael fox|michael marmot|michel foucault|milton erickson
    muhammad ali|myra levine|nancy cruzan|nancy reagan|napoleon bonaparte|nelson mandela|nikola tesla|niels bohr
    nora volkow|oliver sacks|oscar wilde|paul broca|paul ehrlich|paul farmer|patricia benner|peter safar
    phineas gage|pierre bourdieu|princess diana|rachel carson|ray kurzweil|rebecca lee|robert koch|robert hooke
    robin williams|rock hudson|ronald reagan|ronald ross|ronald fisher|rosa parks|rosalind franklin|rosalyn yalow
    rosemarie parse|rudolf virchow|rufus stokes|ryan white|samuel beckett|samuel hahnemann|santiago ramon
    selman waksman|sergei korsakoff|sherlock holmes|sigmund freud|simone biles|sister callista|stephen hawking
    steve jobs|susan sontag|sylvia plath|terri schiavo|theodor billroth|theodor schwann|thomas addison
    thomas bayes|thomas kuhn|thomas sydenham|thomas willis|thomas hodgkin|tiger woods|tina turner|tommy douglas
    tony nicklinson|tu youyou|victor frankenstein|vincent van|virginia apgar|virginia henderson|virginia woolf
    walter reed|werner forssmann|wilder penfield|wilhelm rontgen|wilhelm wundt|william harvey|william osler
    william gosset|william shakespeare|william halsted|winston churchill|fred hutchinson|dana farber
    joslin diabetes|kaiser permanente|johns hopkins|roswell park|cedars sinai|mount sinai|beth israel|robert wood
    bill melinda|eunice kennedy|robert bosch|henry ford|howard hughes|anne arundel|duke university
    emory university|marshall islands|virgin islands|cayman islands|solomon islands|christmas island|easter island
    new england|addis ababa|argyll robertson|myers briggs|hurricane katrina|hurricane maria|hurricane sandy
    hurricane harvey|san marino|santa clara|santa cruz|santa barbara|san jose|saint john|fort worth|chapel hill
    ann arbor|baton rouge|palo alto|la jolla|las vegas|des moines|salt lake|virginia beach|prince george
    queen elizabeth
    """.replace("\n", "|").split("|")
    if line.strip()
)
"""People, institutions and places of medicine's history and news that searches name in full. Nobody becomes a
patient of the person who asks by being on this list; a private person of the same name would pass."""

HEADS = frozenset(
    """syndrome syndromes disease diseases disorder sign signs test tests score scores scale scales murmur palsy
    paralysis anomaly malformation deformity tumor tumour tumors lymphoma sarcoma carcinoma purpura anemia anaemia
    dystrophy ataxia chorea dementia encephalopathy neuropathy nephropathy retinopathy maneuver manoeuvre technique
    procedure operation repair reflex phenomenon effect law rule criteria classification index questionnaire
    inventory method model staging grading grade stain medium agar fracture dislocation nodes nodules bodies body
    cells cell ligament fascia duct gland artery vein canal triangle space line lines point node tract fibers
    rats rat mice mouse strain virus fever theory instrument approach incision flap graft catheter tube needle
    forceps retractor stent valve shunt protocol regimen diet position view projection study trial cohort
    foundation hospital clinic university institute college school center centre act award lecture prize
    plot curve curves estimate estimates estimator regression equation formula distribution algorithm statistic
    blot blotting assay reaction substitution nail plate screw frame splint cast bandage bypass transposition
    pouch reservoir osteotomy arthroplasty fundoplication gastrectomy vagotomy hepatectomy pancreaticoduodenectomy
    granulomatosis thyroiditis arthritis vasculitis arteritis esophagus diverticulum hernia cyst ulcer contracture
    pupil granule granules pill decoction capsule lecture lectures plateau district canton province registry
    correction adjustment transform analysis interval statistics matrix process chain filter kernel network
    """.split()
)
"""Words that make the names before them an eponym or an institution: "Austin Flint murmur"."""

ENDINGS = """
    mab nib tinib ciclib parib statin sartan pril olol azole mycin cillin cycline floxacin vir caine dipine gliptin
    gliflozin glutide prazole setron triptan oxetine azepam zolam barbital dronate lukast profen coxib platin taxel
    rubicin bicin stim poetin kinra cept grel xaban gatran parin tide formin glitazone fibrate thiazide semide terol
    sone solone onide itis osis emia aemia oma omas pathy ectomy otomy ostomy scopy graphy gram plasty plegia algia
    uria rrhea rrhoea penia philia phobia trophy genesis lysis ase ases ine ines ol ate ates ide ides amine amide
    ium aceae virus viridae coccus bacter bacterium bacillus monas myces ella spora cyte cytes blast blasts oid oids
    ic ical ous ism ist ity tion sion ment ness logy logic metry metric therapy gene genic kinase receptor globin
    globulin albumin lipid saccharide peptide toxin toxic zumab ximab ing ed
""".split()
TERM = re.compile(rf"(?:{'|'.join(ENDINGS)})$")
"""How the names of drugs, diseases, organisms and common English words end."""

NOT_GIVEN = frozenset(
    """
    argentina asia australia brazil burma canada china colombia egypt ethiopia france german germany ghana india
    iran ireland irish italy japan kenya king lady nigeria peru poland portugal prince queen royal salvador san
    santa santo spain sweden trinidad turkey vietnam
    """.split()
)
"""Entries of the census list that the literature uses for a country, a people or a title."""

PLACES = frozenset(
    """
    africa america argentina asia australia brazil burma canada carolina chad china colombia cuba dakota dominica
    egypt ethiopia florida france georgia germany ghana greece india indonesia iran iraq ireland israel italy
    japan jordan kenya korea maryland malaysia mexico nepal nevada nigeria pakistan paris peru poland portugal
    rome russia salvador spain sudan sweden syria taiwan thailand trinidad tunisia turkey uganda victoria vietnam
    virginia yemen
    """.split()
)
"""Given names that are places: "Kolkata, India" is no inverted name."""
