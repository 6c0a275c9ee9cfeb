"""Who the patients are and who comes next: everything here follows from ids, seeds and numbers of episodes alone.

cohorts          ranges of ids, whom chance draws from them, and what chance does to a patient
patient_queue    who comes where no reset says otherwise
admission        from seed and options of a reset to patients
draws            named draws of a patient
patients         parameters and starting state of a patient
lesions          lesions, clones and single cells at the start
"""
