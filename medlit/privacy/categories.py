"""The closed list of reasons to refuse: Safe Harbor's identifiers, and two of the gate's own.

Safe Harbor is 45 CFR 164.514(b)(2)(i), whose paragraphs (A) to (R) list what must be
gone before health information counts as de-identified.
"""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """Why something may not go out. The values are what a caller sees, and all that a caller sees."""

    NAME = "name"
    ADDRESS = "address"
    DATE = "date"
    AGE_OVER_89 = "age_over_89"
    PHONE = "phone"
    FAX = "fax"
    EMAIL = "email"
    SSN = "ssn"
    MEDICAL_RECORD = "medical_record"
    HEALTH_PLAN = "health_plan"
    ACCOUNT = "account"
    LICENSE = "license"
    VEHICLE = "vehicle"
    DEVICE = "device"
    URL = "url"
    IP_ADDRESS = "ip_address"
    BIOMETRIC = "biometric"
    PHOTO = "photo"
    OTHER_ID = "other_id"
    TOO_LONG = "too_long"
    """More text than the gate screens: it cannot vouch for it."""
    MALFORMED = "malformed"
    """A typed field, such as an author or a date, that has not that field's shape."""


SAFE_HARBOR: dict[Category, str] = {
    Category.NAME: "A",
    Category.ADDRESS: "B",
    Category.DATE: "C",
    Category.AGE_OVER_89: "C",
    Category.PHONE: "D",
    Category.FAX: "E",
    Category.EMAIL: "F",
    Category.SSN: "G",
    Category.MEDICAL_RECORD: "H",
    Category.HEALTH_PLAN: "I",
    Category.ACCOUNT: "J",
    Category.LICENSE: "K",
    Category.VEHICLE: "L",
    Category.DEVICE: "M",
    Category.URL: "N",
    Category.IP_ADDRESS: "O",
    Category.BIOMETRIC: "P",
    Category.PHOTO: "Q",
    Category.OTHER_ID: "R",
}
"""The paragraph of 45 CFR 164.514(b)(2)(i) that a category serves; the gate's own two serve none."""

ADVICE: dict[Category, str] = {
    Category.NAME: "a person's name; use the author argument for authors",
    Category.ADDRESS: "an address or place smaller than a state",
    Category.DATE: "a date of a person's life or care; give years",
    Category.AGE_OVER_89: "an age above Safe Harbor's limit; ask about an age group",
    Category.PHONE: "a telephone number",
    Category.FAX: "a fax number",
    Category.EMAIL: "an e-mail address",
    Category.SSN: "a social security number",
    Category.MEDICAL_RECORD: "a medical record number",
    Category.HEALTH_PLAN: "a health plan number",
    Category.ACCOUNT: "an account number",
    Category.LICENSE: "a licence or certificate number",
    Category.VEHICLE: "a vehicle number",
    Category.DEVICE: "a device number",
    Category.URL: "a web address",
    Category.IP_ADDRESS: "an IP address",
    Category.BIOMETRIC: "a biometric identifier",
    Category.PHOTO: "a photograph",
    Category.OTHER_ID: "a number that may identify a person",
    Category.TOO_LONG: "more text than can be screened; ask something shorter",
    Category.MALFORMED: "an argument without the shape of its kind",
}
"""What an error says of a category: constant, so that it cannot say anything of the text, and without digits."""
