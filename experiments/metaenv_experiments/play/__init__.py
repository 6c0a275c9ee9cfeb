"""The game: a person treats a patient on a page of this machine, and sees afterwards what was true.

    setup, link      who is treated under which conditions, and a line of text that holds it with every choice
    course, game     what a clinic saw at each visit and what was true; treat, undo
    policies         who else may treat: rules, the best tuned one, the agent that ships; their advice, their courses
    dominance        when cells that escape the treatment became the majority
    verdict, table   one sentence on what made the difference; the course as comma-separated values
    body_map, view   the figure that lesions are drawn on; a game as the page reads it
    reveal           the truth of a game, and of the same patient under the others
    games, desk      the games of a server, and answers about them
    guard, server    who may ask; the addresses of everything; `static/` is the page

Only the last two lines know of the web.
"""
