"""Equilibria with proofs, and verdicts on claims about war, alliances and arms.

>>> import gametheory as gt
>>> stag_hunt = gt.Game.from_payoffs([[4, 1], [3, 2]], [[4, 3], [1, 2]])
>>> found = gt.solve(stag_hunt)
>>> [e.payoffs for e in found], found.coverage
([(Fraction(4, 1), Fraction(4, 1)), (Fraction(5, 2), Fraction(5, 2)),
  (Fraction(2, 1), Fraction(2, 1))], <Coverage.ALL: 'Every equilibrium is in the list.'>)
"""

from gametheory.actions import ActionGame, ActionProfile
from gametheory.aggregative import AggregativeGame, Contest, JointProducts, PublicGood
from gametheory.assessment import (
    Assessment,
    AssessmentEquilibria,
    AssessmentEquilibrium,
    certify_assessment,
)
from gametheory.batch import EquilibriumBatch, solve_many
from gametheory.bayesian import BayesianGame, BayesianProfile
from gametheory.behaviour import Behaviour, TreeEquilibria, TreeEquilibrium
from gametheory.claims import Finding, Holds, Proposition, Verdict, proposition
from gametheory.classes import ClassGame
from gametheory.communication import Communication, communication
from gametheory.continuous import ActionEquilibria, ActionEquilibrium
from gametheory.correlated import correlated
from gametheory.count import CountGame
from gametheory.cutoff import CutoffForm, CutoffGame, CutoffProfile
from gametheory.cutoff_batch import CutoffBatch, cutoffs_many
from gametheory.cutoff_equilibria import CutoffCertificate, CutoffEquilibria, CutoffEquilibrium
from gametheory.dominance import dominated, undominated
from gametheory.equilibrium import (
    Certificate,
    CertificateError,
    Component,
    Coverage,
    Equilibrium,
    EquilibriumSet,
    certify,
)
from gametheory.evolutionary import evolutionarily_stable, neutrally_stable
from gametheory.examine import examine
from gametheory.game import Game, Profile
from gametheory.global_game import GlobalGame
from gametheory.groups import GroupContest
from gametheory.index import indices
from gametheory.io import read, write
from gametheory.longrun import LongRun, StochasticallyStable, long_run, stochastically_stable
from gametheory.model import Citation, Model, Parameter, load_models, par
from gametheory.network import LinearNetwork, NetworkContest
from gametheory.payoff_dominance import pareto
from gametheory.persuasion import Persuasion
from gametheory.prior import draw
from gametheory.quantal import BranchPoint, LogitBranch, logit_branch, logit_many
from gametheory.refine import perfect, proper, refinements, strict
from gametheory.selection import RiskDominance, Trace, p_dominance, risk_dominance, trace
from gametheory.signalling import d1, intuitive
from gametheory.solvers import solve
from gametheory.sweep import sample, sweep
from gametheory.tree import Tree, chance, move
from gametheory.tree_quantal import AgentLogitBranch, agent_logit
from gametheory.ultimatum import OfferProfile, Ultimatum
from gametheory.voting import Voting

__version__ = "0.1.0"

__all__ = [
    "ActionEquilibria",
    "ActionEquilibrium",
    "ActionGame",
    "ActionProfile",
    "AgentLogitBranch",
    "AggregativeGame",
    "Assessment",
    "AssessmentEquilibria",
    "AssessmentEquilibrium",
    "BayesianGame",
    "BayesianProfile",
    "Behaviour",
    "BranchPoint",
    "Certificate",
    "CertificateError",
    "Citation",
    "ClassGame",
    "Communication",
    "Component",
    "Contest",
    "CountGame",
    "Coverage",
    "CutoffBatch",
    "CutoffCertificate",
    "CutoffEquilibria",
    "CutoffEquilibrium",
    "CutoffForm",
    "CutoffGame",
    "CutoffProfile",
    "Equilibrium",
    "EquilibriumBatch",
    "EquilibriumSet",
    "Finding",
    "Game",
    "GlobalGame",
    "GroupContest",
    "Holds",
    "JointProducts",
    "LinearNetwork",
    "LogitBranch",
    "LongRun",
    "Model",
    "NetworkContest",
    "OfferProfile",
    "Parameter",
    "Persuasion",
    "Profile",
    "Proposition",
    "PublicGood",
    "RiskDominance",
    "StochasticallyStable",
    "Trace",
    "Tree",
    "TreeEquilibria",
    "TreeEquilibrium",
    "Ultimatum",
    "Verdict",
    "Voting",
    "agent_logit",
    "certify",
    "certify_assessment",
    "chance",
    "communication",
    "correlated",
    "cutoffs_many",
    "d1",
    "dominated",
    "draw",
    "evolutionarily_stable",
    "examine",
    "indices",
    "intuitive",
    "load_models",
    "logit_branch",
    "logit_many",
    "long_run",
    "move",
    "neutrally_stable",
    "p_dominance",
    "par",
    "pareto",
    "perfect",
    "proper",
    "proposition",
    "read",
    "refinements",
    "risk_dominance",
    "sample",
    "solve",
    "solve_many",
    "stochastically_stable",
    "strict",
    "sweep",
    "trace",
    "undominated",
    "write",
]
