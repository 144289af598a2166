"""Games in which a payoff depends on the own action and on how many others act."""
