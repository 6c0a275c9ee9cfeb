"""What makes metastatic cancer so hard to cure: each barrier is switched off in the same patients."""
