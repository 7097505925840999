"""What is asked about: words of medicine, put together to questions that are seldom asked twice."""

from __future__ import annotations

import random

EMERGENCIES = (
    "anaphylaxis", "septic shock", "cardiac arrest", "status epilepticus", "acute stroke", "pulmonary embolism",
    "hyperkalemia", "diabetic ketoacidosis", "opioid overdose", "massive hemorrhage", "tension pneumothorax",
    "acute myocardial infarction", "paracetamol poisoning", "severe burns", "aortic dissection", "meningitis",
    "malignant hyperthermia", "eclampsia", "acute asthma", "hypothermia",
)  # fmt: skip
URGENT = (
    "adrenaline dose", "fluid resuscitation", "antidote", "airway", "first line drug", "in children", "in pregnancy",
    "renal failure", "contraindications", "mortality", "thrombolysis", "blood pressure target", "transfusion",
)  # fmt: skip
CONDITIONS = (
    "hypertension", "heart failure", "atrial fibrillation", "type 2 diabetes", "asthma", "pneumonia", "depression",
    "breast cancer", "lung cancer", "colorectal cancer", "stroke", "epilepsy", "migraine", "osteoporosis", "hepatitis",
    "cirrhosis", "kidney disease", "rheumatoid arthritis", "psoriasis", "anemia", "obesity", "tuberculosis", "malaria",
    "influenza", "dementia", "schizophrenia", "glaucoma", "cataract", "leukemia", "thyroid disease",
)  # fmt: skip
INTERVENTIONS = (
    "treatment", "surgery", "screening", "vaccination", "exercise", "diet", "imaging", "ultrasound", "antibiotics",
    "corticosteroids", "insulin", "radiotherapy", "chemotherapy", "monitoring", "rehabilitation", "transplantation",
)  # fmt: skip
OUTCOMES = (
    "survival", "quality of life", "recurrence", "adverse effects", "mortality", "risk factors", "prognosis", "cost",
    "serum levels", "blood pressure", "weight", "pain", "infection", "bleeding", "children", "elderly", "women",
)  # fmt: skip
HEADINGS = ("Hypertension", "Asthma", "Neoplasms", "Diabetes Mellitus", "Pregnancy", "Heart Failure", "Infant")
PUBLICATION_TYPES = ("Review", "Case Reports", "Randomized Controlled Trial", "Comparative Study")


def emergency(chance: random.Random) -> str:
    """An urgent question."""
    return f"{chance.choice(EMERGENCIES)} {chance.choice(URGENT)}"


def routine(chance: random.Random) -> str:
    """A question of every day."""
    return f"{chance.choice(CONDITIONS)} {chance.choice(INTERVENTIONS)} {chance.choice(OUTCOMES)}"
