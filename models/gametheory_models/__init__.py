"""Formal models of collective security, deterrence and arms races, one file each.

``gametheory.load_models()`` finds them (and anybody's) by the name of their file:

>>> import gametheory as gt
>>> for key, model in gt.load_models().items():
...     print(f"{key}: {model.__doc__.splitlines()[0]}")
arms_control: A repeated arms race of N states that grim punishment may restrain.
baliga_sjostrom2004: N states arm or not, each with a private cost of arms; two may talk before.
baliga_sjostrom2012: Two states of private hostility choose to be hawks or doves.
bliss_nalebuff1984: n states wait for each other to stop an aggressor, each with a private cost.
bloc_n: N equal states, in two tight blocs or each balancing on its own judgement.
diekmann1985: The volunteer's dilemma among n able states, with costs known or private.
extended_deterrence: An aggressor, its target and an ally who may not come.
fearon1995: A demand on a state or a bloc of M states whose cost of war is private.
first_strike: First strikes among n equal nuclear powers that share what is left.
jervis1978: A build-up among states that may not trust each other: what it needs and tells.
joint_intervention: N states intervene jointly against an aggressor of uncertain gravity.
kydd2005: Mutual restraint among N states that may not trust each other.
peacekeepers: N sides that may not trust each other, with peacekeepers between them.
powell1996: A satisfied state faces a dissatisfied one whose cost of war is private.
private_volunteer: m of N able states must act, each with a private cost.
"""
