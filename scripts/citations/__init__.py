"""How well citations are verified, measured on real records: noise, chimeras, inventions."""
