"""Literature sources outside this machine: asked politely, screened, and never in the way."""

NCBI = "NCBI"
EUROPE_PMC = "Europe PMC"
