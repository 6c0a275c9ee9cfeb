"""Who the patients of a cohort are."""
