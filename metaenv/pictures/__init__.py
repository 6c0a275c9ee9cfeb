"""Pictures of patients: what has been seen of them, how it is drawn, and the window.

    course    what every visit showed, kept only where pictures are asked for
    lesions   the discs: what the last scan saw, and with the truth what it did not
    canvas    Pillow: smooth shapes, crisp letters
    chart     the clinic chart of one patient; tile the same, small
    window    pygame
    renderer  what an environment holds: remembers, draws, shows

Nothing here changes a patient, and nothing of it is imported before a picture is asked for.
"""
