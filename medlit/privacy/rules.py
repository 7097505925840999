"""The rules of the gate, one table: which shapes are refused, in which category, and why.

They read normalised, masked text. Every repetition is bounded, so that the time grows
with the length of the text and not faster.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from medlit.privacy.categories import SAFE_HARBOR, Category
from medlit.privacy.patterns import Pattern


class Rule(NamedTuple):
    """A shape that is refused. ``digits``: it cannot match a text without digits."""

    category: Category
    pattern: Pattern
    why: str
    digits: bool = True

    @property
    def letter(self) -> str:
        """The paragraph of 45 CFR 164.514(b)(2)(i) that it serves."""
        return SAFE_HARBOR[self.category]


def _rule(category: Category, why: str, pattern: str, *, digits: bool = True, case: bool = False) -> Rule:
    return Rule(category, Pattern(pattern, 0 if case else re.IGNORECASE), why, digits)


# Where a label may start and end: an underscore or a digit beside it does not hide it.
_B, _E = r"(?<![^\W_])", r"(?![^\W\d_])"

_FILL = (
    r"(?:[\s.,:;#=_()\"'*/\[\]-]{0,4}(?:no|nr|num|numbers?|n°|nº|id|ids|ident|identifier"
    r"|identification|code|is|was|of|the|value|ending in|ends in|last 4)(?![a-z])){0,3}"
    r"[\s.,:;#=_()\"'*/\[\]-]{0,4}"
)
_NUMBER_WORD = r"(?:no|nr|num|numbers?|n°|nº|id|ids|ident|identifier|identification|code|#|:|=)"
_ID = r"(?:(?:[a-z/_.-]{0,6}\d){4}|\d(?:[ .-]{0,3}\d){3})"
"""Four digits at least, with letters and separators between them."""
_LONG_ID = r"(?:(?:[a-z/_.-]{0,6}\d){5}|\d(?:[ .-]{0,3}\d){4})"


def _labelled(labels: str, shape: str = _ID, *, must_say_number: bool = False) -> str:
    """A label, what people write between label and number, and a number."""
    if must_say_number:
        return rf"{_B}(?:{labels})[\s_.-]{{0,2}}(?:{_NUMBER_WORD}(?![a-z])){_FILL}{shape}"
    return rf"{_B}(?:{labels}){_E}{_FILL}{shape}"


# Dates.

_YEAR4 = r"(?:18|19|20)\d\d"
_D, _M = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
_MONTHS = (
    r"(?:jan(?:uary|uar|vier|eiro)?|feb(?:ruary|ruar)?|f[ée]v(?:rier)?|mar(?:ch|s|zo)?|märz|apr(?:il"
    r"|ile)?|avr(?:il)?|abr(?:il)?|may|mai|mayo|maggio|jun(?:e|i|io)?|juin|giugno"
    r"|jul(?:y|i|io)?|juil(?:let)?|luglio|aug(?:ust)?|ago(?:sto)?|août|aout|sep(?:t|tember|tembre"
    r"|tiembre)?|set(?:tembre)?|oct(?:ober|obre|ubre)?|okt(?:ober)?|ott(?:obre)?"
    r"|nov(?:ember|embre|iembre)?|dec(?:ember)?|déc(?:embre)?|dez(?:ember)?|dic(?:embre|iembre)?|enero"
    r"|gennaio|febrero|febbraio|marzo|aprile|agosto|janv)"
)
_CAPITAL_MONTHS = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|March|Mar|April|Apr|May|June?|July?|August|Aug|Sept?(?:ember)?"
    r"|October|Oct|November|Nov|December|Dec)"
)
_ORDINAL = r"(?:st|nd|rd|th)?"
_DAY_OF_MONTH = (
    rf"(?:{_D}{_ORDINAL}(?: of|\.| de)?[ /.-]{{0,2}}{_MONTHS}\.?[ ,/.-]{{0,3}}(?:de )?(?:{_YEAR4}|'?\d\d)"
    rf"|{_MONTHS}\.?[ /.-]{{0,2}}{_D}{_ORDINAL}[ ,/.-]{{1,3}}(?:{_YEAR4}|'?\d\d)"
    rf"|{_YEAR4}[ ,/.-]{{1,2}}{_MONTHS}\.?[ ,/.-]{{1,2}}{_D})(?!\d)"
)
_ANY_DATE = (
    rf"(?:{_DAY_OF_MONTH}|{_D}\s?[/.-]\s?{_D}(?:\s?[/.-]\s?(?:{_YEAR4}|\d\d))?(?!\d)"
    rf"|{_YEAR4}[/.-]{_M}(?:[/.-]{_D})?(?!\d)|{_M}[/.-]{_YEAR4}(?!\d)"
    rf"|{_MONTHS}\.?,? {_YEAR4}|{_MONTHS}\.? {_D}{_ORDINAL}(?!\d)"
    rf"|{_D}{_ORDINAL} (?:of )?{_MONTHS}(?![a-z])|(?:{_YEAR4}{_M}{_D}|\d{{2}}[01]\d{{3,5}})(?!\d))"
)
_BIRTH = (
    r"(?:d\.? ?o\.? ?b\.?|date[ _-]of[ _-]birth|birth[ _-]?date|birth[ _-]?day|born|geb(?:oren|\.)?"
    r"|né(?:e)? le|nac(?:ido|ida|imiento)|fecha de nacimiento|geburtsdatum|date de naissance"
    r"|data di nascita|nato il|nata il|生年月日|出生日期)"
)
_EVENT = (
    r"(?:admitted|admission|admit|discharged?|seen|visit(?:ed)?|appointment|appt|surgery|operat(?:ed"
    r"|ion)|procedure|died|death|deceased|expired|passed away|date of (?:death|service|admission"
    r"|discharge|surgery|injury|onset|visit|diagnosis)"
    r"|d\.?o\.?[dsa]\.?|service date|diagnosed|presented|presentation|transplant(?:ed)?|delivered"
    r"|implanted|started|onset|injured|hospitali[sz]ed|follow-?up|scheduled|biopsy|scan(?:ned)?|labs?"
    r"|collected|drawn|treated|evaluated|examined|referred"
    r"|consult(?:ed|ation)?|encounter|vaccinated|infused|dosed|intubated|extubated|enrolled|relapsed"
    r"|aufgenommen|entlassen|ingres[oó]|alta|hospitalisé)"
)
_GROUP = (
    r"(?<!patients )(?<!cases )(?<!children )(?<!adults )"
    r"(?<!women )(?<!men )(?<!participants )(?<!infants )"
    r"(?<!births )(?<!people )(?<!persons )(?<!individuals )"
    r"(?<!subjects )(?<!cohort )(?<!trials )(?<!studies )"
)

# Places.

_STATE = (
    r"(?:AL|AK|AZ|AR|CA|CO|CT|DE|DC|FL|GA|HI|IA|ID|IL|IN|KS|KY|LA|MA|MD|ME|MI|MN|MO|MS|MT|NC|ND|NE|NH"
    r"|NJ|NM|NV|NY|OH|OK|OR|PA|PR|RI|SC|SD|TN|TX|UT|VA|VT|WA|WI|WV|WY|AS|FM|GU|MH|MP|PW|VI|AE|AP|AA)"
)
_PROPER = r"[A-ZÀ-ÖØ-Þ][\w'’.-]{1,24}"
_SURE_STREET = (
    r"(?:Street|Str|St|Avenue|Ave|Av|Boulevard|Blvd|Road|Rd|Lane|Ln|Drive|Dr|Court|Ct|Circle|Cir"
    r"|Terrace|Ter|Place|Pl|Parkway|Pkwy|Highway|Hwy|Square|Sq|Close|Crescent|Cres|Mews|Gardens|Gdns"
    r"|Loop|Skyway|Turnpike|Tpke|Alley|Freeway|Expressway|Causeway|Promenade|Esplanade|Cove|Trail|Way"
    r"|Row|Walk)"
)
_STREET = (
    r"(?:Alley|Arcade|Bayou|Beach|Bend|Bluff|Bottom|Branch|Bridge|Brook|Burg|Bypass|Camp|Canyon|Cape"
    r"|Center|Cliff|Club|Common|Corner|Course|Court|Creek|Crest|Crossing|Crossroad|Curve|Dale|Dam"
    r"|Divide|Estate|Extension|Fall|Ferry|Field|Flat|Ford|Forest|Forge|Fork|Fort|Garden|Gateway|Glen"
    r"|Green|Grove"
    r"|Harbor|Haven|Heights?|Hill|Hollow|Inlet|Island|Isle|Junction|Key|Knoll|Lake|Land|Landing|Light"
    r"|Loaf|Lock|Lodge|Mall|Manor|Meadow|Mill|Mission|Motorway|Mount|Mountain|Neck|Orchard|Oval"
    r"|Overpass|Park|Pass|Passage|Path|Pike|Pine|Plain|Plaza|Point|Port|Prairie|Radial|Ramp|Ranch"
    r"|Rapid|Rest"
    r"|Ridge|River|Route|Run|Shoal|Shore|Spring|Spur|Station|Stravenue|Stream|Summit|Throughway|Trace"
    r"|Track|Trafficway|Tunnel|Underpass|Union|Valley|Via|Viaduct|View|Village|Ville|Vista|Ways?"
    r"|Wells?)s?"
)
_COUNTRY = (
    r"(?:the |rural |urban |northern |southern |eastern |western |central |north |south |east |west "
    r"|sub-saharan |latin )?(?:africa|america|americas|asia|europe|oceania|australia|new zealand"
    r"|canada|china|india|japan|korea|taiwan|hong|singapore|malaysia|thailand|vietnam|indonesia"
    r"|philippines|pakistan|bangladesh|nepal|sri"
    r"|iran|iraq|israel|turkey|egypt|saudi|nigeria|kenya|ethiopia|uganda|tanzania|ghana|malawi|zambia"
    r"|zimbabwe|mozambique|cameroon|rwanda|botswana|germany|france|italy|spain|portugal|england"
    r"|scotland|wales|ireland|united|uk|us|usa|u\.s|netherlands|belgium|sweden|norway|denmark|finland"
    r"|iceland|poland|austria|switzerland"
    r"|greece|hungary|czech|romania|bulgaria|russia|ukraine|brazil|mexico|argentina|chile|peru"
    r"|colombia|venezuela|ecuador|bolivia|cuba|haiti|puerto|alabama|alaska|arizona|arkansas|california"
    r"|colorado|connecticut|delaware|florida|georgia|hawaii|idaho|illinois|indiana|iowa|kansas"
    r"|kentucky|louisiana|maine|maryland"
    r"|massachusetts|michigan|minnesota|mississippi|missouri|montana|nebraska|nevada|new|north|south"
    r"|ohio|oklahoma|oregon|pennsylvania|rhode|tennessee|texas|utah|vermont|virginia|washington"
    r"|wisconsin|wyoming|low|high|middle|long|poverty|nursing|hospice|home|rural|urban|care|group"
    r"|assisted|shelters?|high-income|lmics?)"
)

# Telephones.

_DIGITS_OF_A_PHONE = r"\+?\(?\d(?:[ ()./-]{0,3}\d){6,14}"
_NANP = r"\(?[2-9]\d\d\)?[ ./-]{0,3}\d{3}[ ./-]{1,2}\d{4}"

# Ages.

_OLD = r"(?:years?|yrs?|y|jahre?|ans|años|anni)"
_NINETY = r"(?:9\d|1[0-2]\d)"
_NINETY_SPELLED = (
    r"(?:ninety(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?|(?:one"
    r"|a) hundred(?:[ -](?:and[ -])?(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven"
    r"|twelve))?)"
)
_NOT_A_GROUP = (
    r"(?<![\d.,<>=≥≤~/-])(?<![>=≥≤<] )(?<!over )(?<!above )"
    r"(?<!than )(?<!least )(?<!to )(?<!beyond )(?<!under )(?<!from )(?<!until )(?<!and )(?<!between )"
)
_NOT_AND_OLDER = (
    r"(?!\d)(?!\s?(?:\+|and (?:older|over|above|up|\d)|or (?:older|over|above|more)|to \d|plus"
    r"|[-–] ?\d))"
)

C = Category
RULES: tuple[Rule, ...] = (
    # (F) and (N) first: what they contain, a name or a number, is not looked at again.
    _rule(C.EMAIL, "an address with an at sign",
          r"[^\W_][\w.+'-]{0,63} ?@ ?[^\W_][\w-]{0,62}(?: ?\. ?[^\W\d_]{2,24}){1,4}", digits=False),
    _rule(C.EMAIL, "an address with its signs spelled out",
          r"[\w.+-]{1,40} ?(?:[\[({<] ?at ?[\])}>]|\bat\b) ?[\w-]{2,40} ?(?:[\[({<] ?dot ?[\])}>]|\bdot\b"
          r"|\.) ?(?:com|org|net|edu|gov|mil|io|info|health|med|de|uk|co|fr|it|es|in|ca|au|us|ch|at|nl)\b",
          digits=False),
    _rule(C.EMAIL, "a label before it",
          rf"{_B}e-?mail(?: address)?[ :=]{{1,4}}[\w.+-]{{2,40}} ?(?:@|\bat\b) ?[\w-]{{2,40}}", digits=False),
    _rule(C.URL, "a scheme", r"\b(?:https?|ftps?|sftp|file|ssh|hxxps?)[ ]?:[ ]?//[^\s]{3}", digits=False),
    _rule(C.URL, "a www host or a patient portal",
          r"\bwww\d?\.[\w-]{2,40}\.[a-z]{2}|\b(?:mychart|portal|patient|patients|ehr|emr"
          r"|myhealth)\.[\w-]{2,40}\.[a-z]{2}", digits=False),
    _rule(C.URL, "a host with a path",
          r"\b[a-z0-9][\w-]{0,40}(?:\.[\w-]{1,40}){0,4}\.(?:com|org|net|edu|gov|mil|io|info|health|med|care"
          r"|me|ly|app|de|uk|fr|it|es|in|ca|au|us|ch|nl|be)(?::\d{2,5})?/[\w?#%-]", digits=False),
    _rule(C.URL, "a profile on a social network",
          r"\b(?:facebook|instagram|twitter|linkedin|tiktok|whatsapp|skype|telegram)(?:\.com)?(?: (?:profile"
          r"|id|handle|user(?:name)?|account))?[ :=]{1,3}@?[\w./-]{0,30}(?:@|[\w]\d|[._/][\w])"
          r"|(?<![\w@.])@[a-z]\w{2,20}[._\d]\w{0,20}", digits=False),
    # (O)
    _rule(C.IP_ADDRESS,
          "four bytes; a first one below 8 is an enzyme's or a version's",
          r"(?<![\d.])(?:(?=[\d.]{2,9}\d\d\d)[1-7]|[89]|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])(?:\.(?:\d{1,2}|1\d\d|2[0-4]\d"
          r"|25[0-5])){3}(?!\.?\d)"),
    _rule(C.IP_ADDRESS, "a label before four bytes",
          rf"{_B}ip(?:v4)?(?: ?addr(?:ess)?)?{_FILL}\d{{1,3}}(?: ?\. ?\d{{1,3}}){{3}}"),
    _rule(C.IP_ADDRESS, "eight groups, or fewer and a gap",
          r"(?<![\w:])(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?![\w:])"
          r"|(?<![\w:])(?:[0-9a-f]{1,4}:){1,6}(?::[0-9a-f]{1,4}){1,6}(?![\w:])"),
    _rule(C.DEVICE, "a network card's address", r"(?<![\w:-])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![\w:-])"),
    # (G)
    _rule(C.SSN, "three, two and four digits", r"(?<![\w-])\d{3}[ ._/-]{1,3}\d{2}[ ._/-]{1,3}\d{4}(?![\w])(?!-\d)"),
    _rule(C.SSN, "a label before it", _labelled(
          r"ssn|s\.s\.n\.?|ss ?#|ss no|soc(?:ial)?\.? ?sec(?:urity)?(?: ?(?:number|no\.?|#|card))?|social"
          r"|itin|tin|tax(?:payer)? id|national (?:id(?:entity)?|insurance)(?: number)?|nino|sin|aadhaar"
          r"|aadhar|dni|nie|nif|codice fiscale|personnummer|cpf|curp|steuer-?id",
          r"(?:\d(?:[ ._/-]{0,3}\d){3,11}|[a-z]{0,2}[ ]?(?:[a-z/_.-]{0,6}\d){5})")),
    _rule(C.SSN, "last digits of one",
          rf"{_B}(?:last (?:4|four)(?: digits)?(?: of)?(?: (?:his|her|their|the|patient))?(?: ssn"
          rf"| social)?){_FILL}\d{{4}}(?!\d)"),
    _rule(C.SSN, "masked in part", r"(?<![\w])[x*#]{3}-[x*#]{2}-\d{4}"),
    _rule(C.SSN, "nine digits alone", r"(?<![\w.,-])\d{9}(?![\w-]|[.,]\d)"),
    # (E) before (D): a fax number is a telephone's with a label.
    _rule(C.FAX, "a label before it", rf"{_B}(?:tele)?fax(?:ed|es)?{_E}[^\d+(]{{0,24}}{_DIGITS_OF_A_PHONE}"),
    _rule(C.PHONE, "a label before it",
          rf"{_B}(?:tele)?(?:phone|telephone|tel|tél|telefon|teléfono|telefono|handy|mobile|mobil"
          rf"|cell(?:phone)?|cellular|call(?:ed|back)?|ph|pager?|beeper|sms|text(?:ed)?|whatsapp|contact"
          rf"|reach(?:ed)?|dial|home|work|landline|hotline|voicemail"
          rf"|emergency contact){_E}[^\d+(\n]{{0,20}}{_DIGITS_OF_A_PHONE}(?![\d])"),
    _rule(C.PHONE, "ten digits as in North America",
          rf"(?<![\d./-])(?<!\d )(?:\+?1[ ./-]{{0,2}})?{_NANP}(?![\d])(?!-\d)"),
    _rule(C.PHONE, "a country's code", r"(?<![\w+])(?:\+|\b00|\b011[ -])[1-9]\d{0,2}(?:[ ()./-]{0,3}\d){6,12}(?!\d)"),
    _rule(C.PHONE, "a trunk's zero",
          r"(?<![\w.,/+-])\(?0[1-9]\d{0,4}\)?[ ./-]{1,2}(?=(?:[ ./-]?\d){5,9}(?![\d]"
          r"|[ ./-]\d))\d{2,8}(?:[ ./-]\d{2,5}){0,4}(?!\w|[/-]\d|\.\d)"),
    _rule(C.PHONE, "ten or eleven digits alone",
          r"(?<![\w.,-])(?:1[2-9]\d{9}|0[1-9]\d{8,9}|[2-9]\d{9})(?![\w-]|[.,]\d)"),
    _rule(C.PHONE, "five and five digits as in India", r"(?<![\w.-])[6-9]\d{4}[ -]\d{5}(?![\w-])"),
    _rule(C.PHONE, "seven digits of a neighbour", r"(?<![\w./-])[2-9]\d\d-\d{4}(?![\w-])(?= ?(?:ext|x|or|to|$))"),
    # (H)
    _rule(C.MEDICAL_RECORD, "a label before it",
          _labelled(
          r"m\.?r\.?n\.?|emrn|empi|mrn ?#|mr ?#|med(?:ical)?[ .]{0,2}rec(?:ord)?s?\.?|medical chart"
          r"|health record|hosp(?:ital)?(?: (?:number|no\.?|id|record))|unit (?:number|record)|chart(?: (?:number"
          r"|no\.?|id))?|nhs(?: (?:number|no\.?))?|chi (?:number|no\.?)|uhid|umr|crn|hrn|ur (?:number|no\.?)"
          r"|u\.?r\.?n|epic(?: id)?|ehr(?: id)?|emr(?: id)?|fallnummer|patientennummer|historia cl[ií]nica"
          r"|nhc|n° dossier|dossier|cartella(?: clinica)?|ipp|病历号|病案号")),
    _rule(C.MEDICAL_RECORD, "a patient's number",
          rf"{_B}(?:patients?|pt|pat|client|resident|inpatient"
          rf"|person)[\s_.-]{{0,2}}{_NUMBER_WORD}(?![a-z]){_FILL}{_ID}|{_B}(?:patient"
          rf"|pt)[ #:_-]{{1,3}}[a-z]{{0,3}}-?\d{{5,12}}(?!\d)"),
    # (I)
    _rule(C.HEALTH_PLAN, "a Medicare beneficiary's shape",
          r"(?<![\w])[1-9][A-HJKMNP-RT-Y][A-HJKMNP-RT-Y\d]\d[- ]?[A-HJKMNP-RT-Y][A-HJKMNP-RT-Y\d]\d[- ]?"
          r"[A-HJKMNP-RT-Y]{2}[- ]?\d\d(?!\w)", case=True),
    _rule(C.HEALTH_PLAN, "a label before it",
          _labelled(
          r"mbi|hicn?|medicare(?: (?:mbi|claim|beneficiary))?|medicaid|(?:health )?insurance(?: (?:card"
          r"|policy|member))?|health ?plan(?: (?:beneficiary|member))?|beneficiary|subscriber"
          r"|policy ?(?:holder)?|member(?:ship)?|group (?:number|no\.?|id|#)|plan (?:number|no\.?|id|#)|bcbs"
          r"|blue cross|aetna|cigna|humana|unitedhealthcare|uhc|tricare|kaiser|ohip|phn|health card|ehic"
          r"|krankenversicherung\w{0,8}|kvnr|versichertennummer|payer|payor|rx ?(?:bin|pcn|grp|group)"
          r"|prior auth(?:orization)?|authorization")),
    # (J)
    _rule(C.ACCOUNT, "a label before it",
          _labelled(
          r"acc(?:oun)?t(?: ending in)?|a/c|billing(?: account)?|invoice(?: account)?|bank(?: account)?"
          r"|(?:credit|debit|visa|master|amex|payment)[ -]?card|card|visa|mastercard|amex|iban|bic|swift"
          r"|sort code|routing|har|guarantor|hospital account|kontonummer|cuenta|compte", _LONG_ID)),
    _rule(C.ACCOUNT, "a payment card's groups",
          r"(?<![\w-])(?:3\d{3}|4\d{3}|5\d{3}|6\d{3}|2\d{3})[ -]\d{4}[ -]\d{4}[ -]\d{4}(?!\w)"
          r"|(?<![\w-])3\d{3}[ -]\d{6}[ -]\d{5}(?!\w)"),
    _rule(C.ACCOUNT, "an international bank account",
          r"(?<!\w)[A-Z]{2}\d\d(?: ?[A-Z\d]{4}){3,7}(?: ?[A-Z\d]{1,3})?(?!\w)", case=True),
    # (K)
    _rule(C.LICENSE, "a label before it",
          _labelled(
          r"(?:driv(?:er|ing)(?:'?s)?|medical|nursing|nurse|physician|pharmacy|professional|state|marriage"
          r"|gun|pilot)[ -]?(?:licen[cs]e|permit|lic\.?)|d\.?l\.? ?#|dl|dln|licen[cs]e (?:number|no\.?|#|id)"
          r"|lic\.? ?(?:no\.?|#)|(?:birth |death |medical |board )?cert(?:ificate)?(?:ion)? (?:number|no\.?"
          r"|#)|passport|green card|alien|visa number|uscis|state id|dea|npi (?:number|no\.?|#)|gmc|nmc"
          r"|führerschein\w{0,8}|permis de conduire|patente|ausweis\w{0,6}|personalausweis")),
    _rule(C.LICENSE, "a prescriber's number", rf"{_B}npi{_FILL}\d{{10}}(?!\d)|{_B}dea{_FILL}[a-z]{{1,2}}\d{{7}}"),
    # (L)
    _rule(C.VEHICLE, "seventeen signs of a vehicle",
          r"(?<!\w)(?=(?:[A-Z]{0,9}\d){3})(?=\d{0,9}[A-Z])[A-HJ-NPR-Z\d]{17}(?!\w)", case=True),
    _rule(C.VEHICLE, "a label before it", _labelled(
          r"v\.?i\.?n\.?|vehicle(?: (?:id|identification|identifier|serial|registration))?|chassis",
          r"(?:[a-z/_.-]{0,6}\d){3}[a-z\d]{0,16}")),
    _rule(C.VEHICLE, "a plate",
          rf"{_B}(?:(?:licen[cs]e|number|registration|vehicle|car|numberplate|reg)[ -]?(?:plates?|tag)"
          rf"|plate (?:number|no\.?|#|id)|license tag|reg(?:istration)? (?:number|no\.?)|kennzeichen"
          rf"|matr[ií]cula|immatriculation|targa){_FILL}(?=[a-z -]{{0,6}}\d|\d)[a-z\d][a-z\d -]{{2,9}}"),
    # (M)
    _rule(C.DEVICE, "a label before it",
          _labelled(
          r"(?:device|pacemaker|implant|icd|pump|defibrillator|prosthesis|stent|lead|valve|generator"
          r"|equipment|hearing aid|glucometer|cgm|monitor|ventilator|machine|wearable|lot|batch|model"
          r"|product)?[ -]{0,2}(?:serial|ser\.?|s/n|sn)(?: ?(?:number|no\.?|#|num))?|(?:device|implant"
          r"|pacemaker|icd|pump|defibrillator|generator|prosthesis)[ -](?:id(?:entifier)?|number|no\.?|#"
          r"|code)|udi(?:-?di)?|imei|imsi|iccid|mac address|lot (?:number|no\.?|#)|seriennummer|gerätenummer")),
    _rule(C.DEVICE, "a unique device identifier", r"\(01\) ?\d{14}|(?<!\w)SN-?\d{6,12}(?!\w)"),
    # (P)
    _rule(C.BIOMETRIC, "a record of a body",
          rf"{_B}(?:finger ?-?prints?|thumb ?-?prints?|palm ?-?prints?|voice ?-?prints?"
          rf"|retina(?:l)?(?: scans?)?|iris(?: scans?)?|face ?-?id|facial (?:recognition|scan|template)"
          rf"|bio-?metric(?:s)?|gait (?:signature|id)|hand geometry|vein (?:scan|pattern)|ear ?print"
          rf"|dna (?:profile|sample|id)|speaker)(?: (?:scans?|template|record|hash|file|data|sample"
          rf"|enrol\w{{0,6}}|profile|pattern)){{0,2}}{_FILL}{_ID}"),
    # (Q)
    _rule(C.PHOTO, "the name of a picture's file",
          r"(?<!\w)[\w()-]{1,60}\.(?:jpe?g|png|heic|heif|tiff?|bmp|gif|webp|dcm|dicom|mp4|mov|avi|raw|cr2"
          r"|nef|svg)(?!\w)", digits=False),
    _rule(C.PHOTO, "a camera's numbering",
          r"(?<![^\W_])(?:IMG|DSC[NF]?|DCIM|PXL|P10|VID|MVI|photo|picture|selfie|screenshot"
          r"|scan)[_-]?\d{3,14}(?![a-z])"),
    _rule(C.PHOTO, "a picture of the patient",
          rf"{_B}(?:photo(?:graph|s|graphs)?|picture|pic|selfie|headshot|portrait|full[ -]face image"
          rf"|mugshot)s? (?:attached|enclosed|below|of (?:my|our|the|this|a|his|her) (?:patient|pt|client"
          rf"|face|mother|father|son|daughter|wife|husband))", digits=False),
    # (C)
    _rule(C.DATE, "a birth",
          rf"{_B}{_BIRTH}{_E}(?:[\s:=.,#()*-]|\bon\b|\bam\b|\bil\b|\bel\b|\bis\b|\bwas\b|\bthe\b"
          rf"|\bin\b){{0,6}}{_ANY_DATE}"),
    _rule(C.DATE, "a birth, date first or with blanks",
          rf"{_B}{_BIRTH}{_E}[ :=]{{1,3}}\d{{1,2}} \d{{1,2}} (?:{_YEAR4}|\d\d)(?!\d)"
          rf"|(?<!\d){_YEAR4}[/-]?\d\d[/-]?\d\d,? (?:dob|d\.o\.b|birth)"),
    _rule(C.DATE, "an event of care",
          rf"{_GROUP}{_B}{_EVENT}{_E}(?: ?(?:date|in clinic|in ed|at clinic|to (?:the )?(?:icu|hospital|ward"
          rf"|er|ed)|on|since|the|[a-z]{{2,12}}))?(?: ?(?:on|in|at|from|date|is|was|of"
          rf"|[a-z]{{2,14}}))?[ :=,.(]{{0,3}}{_ANY_DATE}(?!\s?(?:mg|%|patients|weeks|months|days|year))"),
    _rule(C.DATE, "a day in numbers",
          rf"(?<![\w/.-]){_D}([/.-]){_D}\1{_YEAR4}(?![\w/-]|\.\d)"
          rf"|(?<![\w/.-]){_YEAR4}([/.-]){_M}\2{_D}(?![\w/-]|\.\d)(?!-)|(?<![\w/.-]){_YEAR4}-{_M}-{_D}T\d\d"
          rf"|(?<![\w/.-]){_YEAR4} (?:0[1-9]|1[0-2]) (?:0[1-9]|[12]\d|3[01])(?![\w/-])"),
    _rule(C.DATE, "a day in numbers, spaced or mixed",
          rf"(?<![\w/.-]){_D} ?[/.-] ?{_D} ?[/.-] ?{_YEAR4}(?![\w/-]|\.\d)"
          rf"|(?<![\w/.-])\d\d \d\d {_YEAR4}(?![\w/-])"),
    _rule(C.DATE, "a day in numbers with a short year",
          rf"(?<![\w/.-]){_D}/{_D}/\d\d(?![\w/.-])|(?<![\w/.-])(?:0[1-9]|[12]\d|3[01])([.-])(?:0[1-9]"
          rf"|1[0-2])\1\d\d(?![\w/.-])"),
    _rule(C.DATE, "a day with its month in letters", rf"(?<![\w]){_DAY_OF_MONTH}(?![a-z])"),
    _rule(C.DATE, "a day of a month",
          rf"(?<![\w-]){_CAPITAL_MONTHS}\.? {_D}(?:st|nd|rd|th)?(?![\w%/]|[.,-]\d|:\d| ?(?:mg|to|-|–|patients"
          rf"|%|years|or|and \d))|(?<![\w.,/-])(?:{_D}(?:st|nd|rd|th)(?: of)? ){_CAPITAL_MONTHS}(?!\w)"
          rf"|(?<![\w.,/-]){_D} (?:January|February|April|June|July|August|September|October|November"
          rf"|December)(?!\w)", case=True),
    _rule(C.DATE, "a day of a month after its event",
          rf"{_B}(?:started|began|since|admitted|discharged|seen|diagnosed|died|until|last (?:visit|dose"
          rf"|seen)|scheduled|due)(?: \w{{2,14}}){{0,2}} {_MONTHS}\.? {_D}{_ORDINAL}(?![\w%]|[.,-]\d)"),
    # (C), ages
    _rule(C.AGE_OVER_89, "years old",
          rf"{_NOT_A_GROUP}(?:\b{_NINETY}){_NOT_AND_OLDER}[ -]{{0,3}}{_OLD}[ ./-]{{0,3}}(?:old|o\b|of age|alt"
          rf"|aged)(?! ?(?:and|or) (?:older|over|above)|er)"),
    _rule(C.AGE_OVER_89, "aged",
          rf"{_B}age[sd]?(?: (?:is|of|at \w{{3,12}}))?[ :=,]{{1,3}}{_NINETY}(?![\d.%])(?! ?(?:years?"
          rf"|yrs?)? ?(?:\+|and (?:older|over|above|up|\d)|or (?:older|over|above|more)|to \d|plus|[-–] ?\d))"),
    _rule(C.AGE_OVER_89, "a note's shorthand",
          rf"(?<![\w.,/-]){_NINETY} ?-?(?:y/?o\b|yo[mf]?\b|y\.o\.?|yr-old|jährig\w{{0,2}}|años|ans\b|yoa\b|歳"
          rf"|岁)|(?<![\w.,/-]){_NINETY} ?(?:M|F|male|female)\b(?=,? (?:with|w/|c/o|presents|presenting|s/p|pt"
          rf"|patient|has|p/w|who|hx|h/o)|,|$)|(?<![\w.,/-]){_NINETY}[ -]?(?:year|yr)s?[ -]?(?:man|woman|male"
          rf"|female|lady|gentleman)\b|\b(?:male|female|man|woman|[MF])[ ,/]{{1,2}}{_NINETY}(?: ?(?:y|yrs?"
          rf"|years?|yo)\b|$)"),
    _rule(C.AGE_OVER_89, "said of a person",

          rf"{_B}(?:patient|pt|she|he|mother|father|grandmother|grandfather|wife|husband)(?: is| was"
          rf"|,) (?:now |about |almost )?{_NINETY}"
          r"(?![\d%]|[.,]\d| ?(?:kg|lbs?|mg|mm|bpm|beats|percent|/))"),
    _rule(C.AGE_OVER_89, "spelled",
          rf"{_B}{_NINETY_SPELLED}[ -]{{1,2}}{_OLD}[ -]{{1,2}}old|{_B}aged? {_NINETY_SPELLED}(?! (?:and"
          rf"|or) (?:older|over|above)|[ -]year)", digits=False),
    _rule(C.AGE_OVER_89, "a birthday or a turn",
          rf"{_B}(?:turn(?:ed|s|ing)|celebrat\w{{1,4}}(?: (?:his|her))?) {_NINETY}(?:th|st|nd|rd)?\b"
          rf"|{_B}{_NINETY}(?:th|st|nd|rd) birthday"),
    _rule(C.AGE_OVER_89, "a year of birth of long ago",
          rf"{_B}(?:d\.?o\.?b\.?|birth ?date|date of birth|year of birth|yob)[ :=]{{0,3}}(?:in )?(?:18\d\d"
          rf"|19[0-2]\d|193[0-5])(?!\d)"),
    # (B)
    _rule(C.ADDRESS, "a house and its street",
          rf"(?<![\w.,/-])\d{{1,6}}[A-Za-z]?,? (?:(?:[NSEW]|NE|NW|SE|SW|North|South|East"
          rf"|West)\.? )?(?:(?:[A-ZÀ-Þ][\w'.-]{{1,24}}|\d{{1,3}}(?:st|nd|rd"
          rf"|th)) ){{1,4}}{_SURE_STREET}\b(?!\w)", case=True),
    _rule(C.ADDRESS, "a house and its street in small letters",
          r"(?<![\w.,/-])\d{1,6} (?:[nsew]\.? )?(?:[a-z'.-]{2,20} ){1,2}(?:street|avenue|ave|boulevard"
          r"|blvd|road|rd|lane|drive|court|parkway|pkwy|highway|hwy|terrace)\b(?! (?:traffic|accident|injur"
          r"|users?|safety|test|map))"),
    _rule(C.ADDRESS, "a house, its street and more of an address",
          rf"(?<![\w.,/-])\d{{2,6}} (?:{_PROPER} ){{1,3}}{_STREET}\b(?:[ ,]{{1,3}}(?:(?:Apt|Suite|Unit|Ste"
          rf"|Apartment|Floor|Bldg)\b|(?:North|South|East|West|New|Port"
          rf"|Lake)? ?{_PROPER}(?:[ ,]{{1,2}}{_PROPER})?[ ,]{{1,2}}{_STATE}\b))", case=True),
    _rule(C.ADDRESS, "a flat",
          r"\b(?:apt|apartment|suite|ste|flat|p\.? ?o\.? ?box|postfach|apartado)\.? ?(?:no\.? ?"
          r"|# ?)?\d{1,5}[a-z]?\b"),
    _rule(C.ADDRESS, "a state and its code",
          rf"[A-Za-zÀ-ÿ.]{{2}}, {{0,2}}{_STATE}[ ,]{{1,3}}\d{{5}}(?:-\d{{4}})?(?![\w-])"
          rf"|[A-ZÀ-Þ][\w.]{{1,24}} (?!OR\b){_STATE}[ ,]{{1,3}}\d{{5}}(?:-\d{{4}})?(?![\w-])", case=True),
    _rule(C.ADDRESS, "a label before it",
          rf"{_B}(?:zip|zip ?code|postal ?code|post ?code|postcode|plz|cap|código postal|code postal"
          rf"|pin ?code){_E}{_FILL}(?:[a-z]{{1,2}}\d[a-z\d]? ?\d[a-z]{{2}}|[a-z]\d[a-z] ?\d[a-z]\d"
          rf"|\d{{3,6}}(?:[ -]\d{{3,4}})?)\b"),
    _rule(C.ADDRESS, "a code with four more digits", rf"(?<![\w.,/-]){_STATE}? ?\d{{5}}-\d{{4}}(?![\w-])", case=True),
    _rule(C.ADDRESS, "a label before a house",
          rf"{_B}(?:(?:home|street|mailing|postal|billing|residential|current"
          rf"|permanent) )?(?<!ip )(?<!mac )addr(?:ess)?[ :=]{{1,3}}(?:is )?\d{{1,6}}[a-z]? [^\W\d_]{{2}}"
          rf"|{_B}(?:adresse|anschrift|dirección|indirizzo|domicilio)[ :=]{{1,3}}[^\W_]{{2}}"),
    _rule(C.ADDRESS, "where someone lives",
          rf"{_B}(?:lives|resides|Resides|residing|lived|resided|domiciled|Resident|resident|[Hh]ometown"
          rf"|[Hh]ome town|home is|moved|relocated|native)(?: alone| (?:with|and) \w{{2,12}})?(?: (?:in|at|on"
          rf"|near|of|to|from|is)|:)(?: the (?:town|city|village|county"
          rf"|suburb) of)? (?!(?i:{_COUNTRY})\b)(?:\d{{1,6}} )?{_PROPER}", digits=False, case=True),
    _rule(C.ADDRESS, "a person living at a place",
          rf"{_B}(?i:(?:patient|pt|man|woman|lady|gentleman|child|boy|girl|mother|father|he"
          rf"|she)(?: is)?,? (?:living|staying|housed|from|of) (?:in|at|on"
          rf"|near)?) ?(?!(?i:{_COUNTRY})\b){_PROPER}(?: {_PROPER}){{0,3}},? (?:{_STATE}"
          rf"|[A-Z][a-z]{{3,12}})\b", digits=False, case=True),
    _rule(C.ADDRESS, "a place of care",
          rf"{_B}(?i:(?:clinic|hospital|practice|office|facility|nursing home|ward|er|ed|seen|admitted"
          rf"|treated|hospitali[sz]ed|transferred|discharged)(?: (?:in|at|to"
          rf"|from)))(?: the)? {_PROPER}(?: {_PROPER}){{0,2}}, {_STATE}\b", digits=False, case=True),
    _rule(C.ADDRESS, "a street of other countries",
          r"(?<!\w)[^\W\d_]{2,24}(?:straße|strasse|gasse|allee|platz|weg|damm|ufer"
          r"|str\.)[ ,]{1,2}\d{1,4}[a-z]?\b|\b\d{1,4}(?: ?bis)?,? (?:rue|avenue|boulevard|chemin|allée"
          r"|impasse|quai|cours) (?:de |du |des |d'|la |le |les |l')?[A-Za-zÀ-ÿ]{3,24}"

          r"|\b(?:Calle|Avenida|Avda|Plaza|Paseo|Carrer|Rua|Via|Viale|Piazza|Corso|Rua)\.? (?:de |del "
          r"|della |di |da |la |las |los )?[A-ZÀ-Þ][\w'-]{2,24}"
          r"(?: [A-ZÀ-Þ][\w'-]{1,24}){0,3},? (?:n[.º°]? ?)?\d{1,4}\b"),
    _rule(C.ADDRESS, "a British or Canadian code",
          r"(?<![\w.-])(?:[A-PR-UWYZ][A-HK-Y]?\d[A-Z\d]?|GIR) \d[ABD-HJLNP-UW-Z]{2}(?![\w-])"
          r"|(?<![\w.-])[ABCEGHJ-NPRSTVXY]\d[A-Z] \d[A-Z]\d(?![\w-])", case=True),
    _rule(C.ADDRESS, "a point on the map",
          r"(?<![\w.])-?\d{1,2}\.\d{3,}°? ?[NS]?[ ,]{1,3}-?\d{1,3}\.\d{3,}"
          r"|\d{1,2}° ?\d{1,2}['′] ?(?:\d{1,2}(?:\.\d+)?[\"″] ?)?[NS]\b|\b(?:lat"
          r"|latitude)[ :=]{1,3}-?\d{1,2}\.\d{2,}"),
    _rule(C.ADDRESS, "a bed",
          rf"{_B}(?:room|rm|bed|ward)(?: (?:number|no\.?|#)|[ ]?#)? ?\d{{1,4}}[a-z]?[ ,/-]{{1,2}}(?:bed|room"
          rf"|floor|ward) ?#?\w{{1,4}}\b"),
    # (R)
    _rule(C.OTHER_ID, "a label that says number",
          _labelled(
          r"accession|case|subject|study|participant|specimen|sample|encounter|visit|episode|order|claim"
          r"|record|file|reference|ref|ticket|referral|prescription|rx|employee|staff|student|badge|user"
          r"|customer|donor|transplant|registry|trial participant|enrol(?:l)?ment|randomi[sz]ation|screening"
          r"|pathology|path|lab(?:oratory)?|slide|block|barcode|requisition|tracking|confirmation|incident"
          r"|docket|inmate|prisoner|military|service|veteran|tribal|voter|family|pedigree|household",
          _LONG_ID, must_say_number=True)),
    _rule(C.OTHER_ID, "a number in the style of a laboratory",
          rf"{_B}(?:accession|specimen|pathology|case|subject|sample|encounter|csn|fin"

          rf"|visit)[ :#]{{1,3}}(?:[a-z]{{1,3}}\d{{2}}|\d{{2}}-[a-z]{{1,2}})-\d{{3,7}}|{_B}(?:csn|fin"
          rf"|har){_FILL}\d{{6,}}"),
    _rule(C.OTHER_ID, "a universally unique identifier", r"(?<!\w)[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?!\w)"),
    _rule(C.OTHER_ID, "a long number alone", r"(?<![\w.,-])\d{12,24}(?![\w-]|[.,]\d)"),
    _rule(C.OTHER_ID, "a user's name",
          rf"{_B}(?:user ?name|user ?id|login|screen ?name|handle|password|passwort|pwd"
          rf"|pin(?: code)?)[ ]?(?:[:=]| is ) ?[\w.@-]{{3}}", digits=False),
)  # fmt: skip
"""In the order they are tried; all that match count."""

DIGIT = Pattern(r"\d")
