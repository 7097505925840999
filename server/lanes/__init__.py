"""Who comes first: emergencies before routine work, at everything that is scarce."""
