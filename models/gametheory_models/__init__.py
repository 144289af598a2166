"""Formal models of collective security, deterrence and arms races, one file each.

``gametheory.load_models()`` finds them (and anybody's) by the name of their file:

>>> import gametheory as gt
>>> for key, model in gt.load_models().items():
...     print(f"{key}: {model.__doc__.splitlines()[0]}")
arms_control: A repeated arms race of N states that grim punishment may restrain.
bloc_n: N equal states, in two tight blocs or each balancing on its own judgement.
debs_monteiro2014: A state may arm in secret; another, which may detect it, may strike first.
diekmann1985: The volunteer's dilemma among n able states, with costs known or private.
first_strike: First strikes among n equal nuclear powers that share what is left.
joint_intervention: N states intervene jointly against an aggressor of uncertain gravity.
kilgour_zagare1991: Two states that may each be Hard, and would then retaliate.
kydd2005: Mutual restraint among N states that may not trust each other.
signorino1999: One state attacks or not, another capitulates or fights; choices are random.
"""
