"""Presets in the making, which no id has: `disease="metaenv.diseases.candidates.lung:LUNG"` treats their patients."""
