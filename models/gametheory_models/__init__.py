"""Formal models of collective security, deterrence and arms races, one file each.

``gametheory.load_models()`` finds them (and anybody's) by the name of their file:

>>> import gametheory as gt
>>> for key, model in gt.load_models().items():
...     print(f"{key}: {model.__doc__.splitlines()[0]}")
arms_control: A repeated arms race of N states that grim punishment may restrain.
bloc_n: N equal states, in two tight blocs or each balancing on its own judgement.
diekmann1985: The volunteer's dilemma among n able states, with costs known or private.
first_strike: First strikes among n equal nuclear powers that share what is left.
joint_intervention: N states intervene jointly against an aggressor of uncertain gravity.
kydd2005: Mutual restraint among N states that may not trust each other.
"""
