"""Targets of a disease beyond trial arms: growth by size, local therapy, new lesions, blood, who wins.

follow   patients of any scenario under a policy, with what only a snapshot tells
lung     the targets of lung cancer, each with its band and source
"""
