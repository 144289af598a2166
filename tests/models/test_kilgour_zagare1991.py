"""Mutual deterrence: the closed list of equilibria against the exact solver and enumeration."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from gametheory_models.deterrence.kilgour_zagare1991 import KilgourZagare1991
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import uniform

import gametheory as gt
from gametheory.behaviour import certify_behaviour

laws = settings(max_examples=60, deadline=None)
F = Fraction

# Denominators are small, so that ties are common.
chances = st.fractions(F(1, 20), F(19, 20), max_denominator=20)
orders = st.lists(st.integers(0, 9), min_size=5, max_size=5, unique=True).map(
    lambda u: dict(zip(["DD_minus", "CD", "DD_plus", "SQ", "DC"], map(Fraction, sorted(u))))
)
rivalries = st.builds(
    lambda u, p, q: KilgourZagare1991(**u, p_A=p, p_B=q), orders, chances, chances
)


def ordinal(p, q=None):
    """Payoffs 4, 3, 2, 1, 0, exact."""
    q = p if q is None else q
    return KilgourZagare1991(p_A=p, p_B=q, DC=F(4), SQ=F(3), DD_plus=F(2), CD=F(1), DD_minus=F(0))


def found(model):
    """What the solver finds: each equilibrium as the chances that Hard A, Soft A, ... defect."""
    solved = gt.solve(model.game())
    return {
        tuple(e.profile.plan[i][kind][0] for i in "AB" for kind in ("Hard", "Soft")) for e in solved
    }, solved


def stated(model):
    """The extreme equilibria by the closed forms, as in ``found``."""
    deterrence, separation, hedging, on_a, on_b, bluff = model.exists()
    (x, x_), (z, z_), (y, y_) = model.hedges(), model.answers(), model.bluffs()
    points = set()
    points |= {(0, 0, 0, 0)} if deterrence else set()
    points |= {(1, 0, 1, 0)} if separation else set()
    points |= {(x, 0, x_, 0)} if hedging else set()
    points |= {(z, 0, 1, 1), (1, 0, 1, 1)} if on_a else set()
    points |= {(1, 1, z_, 0), (1, 1, 1, 0)} if on_b else set()
    points |= {(1, y, 1, y_)} if bluff else set()
    return points


# Derived; checked independently by exact enumeration of supports: payoffs 4, 3, 2, 1, 0.
@pytest.mark.parametrize(
    ("p", "count", "some"),
    [
        (F(3, 5), 3, (F(1, 3), 0, F(1, 3), 0)),
        (F(3, 10), 5, (1, F(2, 7), 1, F(2, 7))),
        (F(1, 5), 5, (1, F(3, 8), 1, F(3, 8))),
        (F(49, 100), 5, (1, F(1, 51), 1, F(1, 51))),
    ],
)
def test_known_equilibria(p, count, some):
    model = ordinal(p)
    points, solved = found(model)
    assert model.threshold() == model.bluff_threshold() == F(1, 2)
    assert len(solved) == len(points) == count
    assert some in points
    assert some in stated(model)
    assert all(e.certificate.exact and e.certificate.regret == 0 for e in solved)


def test_the_less_credible_is_attacked_by_the_more_credible_whatever_its_type():
    # Derived; checked independently: (p_A, p_B) = (1/5, 4/5).
    points, solved = found(ordinal(F(1, 5), F(4, 5)))
    assert points == {(1, 0, 1, 1), (0, 0, 1, 1)}  # Hard A defects with any chance
    assert len(solved.components) == 1
    assert ordinal(F(1, 5), F(4, 5)).exists().tolist() == [False] * 3 + [True, False, False]


def test_on_the_border_hedging_is_deterrence_and_bluff_is_separation():
    points, _ = found(ordinal(F(1, 2)))
    assert points == stated(ordinal(F(1, 2)))
    assert points == {(0, 0, 0, 0), (1, 0, 1, 0), (1, 0, 1, 1), (1, 1, 1, 0)}


@laws
@given(rivalries)
def test_the_list_of_equilibria_is_complete(model):
    points, solved = found(model)
    assert points == stated(model)
    assert solved.coverage in (gt.Coverage.ALL, gt.Coverage.EXTREME)


@laws
@given(rivalries)
def test_conflict_is_what_play_leads_to(model):
    def kind(e):
        (hard, soft), (hard_, soft_) = (
            [mine[k][0] for k in ("Hard", "Soft")] for mine in e.profile.plan.values()
        )
        if soft and soft_:
            return 5 if soft < 1 and soft_ < 1 else None
        if soft or soft_:
            return None if 0 < soft + soft_ < 1 else 4 if soft else 3
        return 0 if hard == hard_ == 0 else 1 if hard == hard_ == 1 else 2

    for e in gt.solve(model.game()):
        if kind(e) is not None:
            conflict = sum(
                chance
                for (a, b, *done), chance in e.profile.outcome.items()
                if done == ["defect", "defect"]
                or (done == ["defect", "cooperate"] and b == "Hard")
                or (done == ["cooperate", "defect"] and a == "Hard")
            )
            assert model.conflict()[kind(e)] == pytest.approx(float(conflict), abs=1e-12)


def crisis(model):
    """The same game with retaliation as a move of its own."""
    types = model.game()
    pays = {"Hard": model.DD_plus, "Soft": model.DD_minus}

    def rule(history):
        match history:
            case () | (_,):
                p = (model.p_A, model.p_B)[len(history)]
                return gt.chance(Hard=p, Soft=1 - p)
            case (a, _):
                return gt.move("A", "defect", "cooperate", at=a)
            case (_, b, _):
                return gt.move("B", "defect", "cooperate", at=b)
            case (_, _, "cooperate", "cooperate"):
                return model.SQ, model.SQ
            case (a, b, "defect", "defect") | (a, b, _, _, "retaliate"):
                return pays[a], pays[b]
            case (_, b, "defect", "cooperate"):
                return gt.move("B", "retaliate", "yield", at=f"{b}, struck")
            case (a, _, "cooperate", "defect"):
                return gt.move("A", "retaliate", "yield", at=f"{a}, struck")
            case (_, _, "defect", "cooperate", "yield"):
                return model.DC, model.CD
            case _:
                return model.CD, model.DC

    return gt.Tree.of(types.players, rule)


@laws
@given(rivalries)
def test_retaliation_by_type_is_sequentially_rational(model):
    """Each equilibrium stays one where who retaliates is chosen, by Hard states alone."""
    tree = crisis(model)
    for e in gt.solve(model.game()):
        reply = {"Hard, struck": [1, 0], "Soft, struck": [0, 1]}
        played = gt.Behaviour(
            tree,
            [
                reply.get(s.label) or e.profile.plan[tree.players[s.player]][s.label]
                for s in tree.sets
            ],
        )
        assert certify_behaviour(played).regret == 0
        assert played.payoffs == e.payoffs
        for h, s in enumerate(tree.sets):
            if s.label in reply:  # whatever it believes
                for k in range(len(s.nodes)):
                    belief = [int(j == k) for j in range(len(s.nodes))]
                    retaliate, give_in = played.action_payoffs(h, belief)
                    assert (retaliate > give_in) == s.label.startswith("Hard")


@pytest.mark.parametrize(("p", "deters"), [(F(2, 5), 0), (F(3, 7), 1), (F(1, 2), 1), (1, 1)])
def test_one_sided_deterrence_has_the_same_threshold(p, deters):
    """The rudimentary asymmetric game (derived): only A may attack, B answers by its type."""
    model = KilgourZagare1991(p_B=p, DC=F(9), SQ=F(6), DD_plus=F(2), CD=F(1), DD_minus=F(0))

    def rule(history):
        match history:
            case ():
                return gt.chance({k: x for k, x in {"Hard": p, "Soft": 1 - p}.items() if x})
            case (_,):
                return gt.move("A", "defect", "cooperate", at="start")
            case (_, "cooperate"):
                return model.SQ, model.SQ
            case (kind, "defect"):
                return gt.move("B", "retaliate", "yield", at=kind)
            case (kind, _, "retaliate"):
                return model.DD_plus, model.DD_plus if kind == "Hard" else model.DD_minus
            case _:
                return model.DC, model.CD

    assert model.threshold() == F(3, 7)
    found = gt.solve(gt.Tree.of("AB", rule), "pbe")
    cooperates = {e.profile.plan["A"]["start"][1] for e in found}
    assert cooperates == ({0, 1} if p == F(3, 7) else {deters})


@pytest.mark.parametrize(
    "model",
    [
        *(ordinal(*p) for p in [(F(3, 5),), (F(1, 2),), (F(2, 5), F(9, 20)), (F(1, 5), F(4, 5))]),
        KilgourZagare1991(
            p_A=F(1, 3), p_B=F(1, 4), DC=F(9), SQ=F(5), DD_plus=F(4), CD=F(2), DD_minus=F(1)
        ),
    ],
)
def test_perfect_bayesian_play_of_the_crisis_is_on_the_list(model):
    found = gt.solve(crisis(model), "pbe")
    names = gt.Coverage.ALL_BEHAVIOUR, gt.Coverage.EXTREME_BEHAVIOUR
    assert found.coverage in names
    kinds = [(i, kind) for i in "AB" for kind in ("Hard", "Soft")]
    assert {tuple(e.profile.plan[i][k][0] for i, k in kinds) for e in found} == stated(model)
    for e in found:
        assert all(
            e.profile.plan[i][f"{k}, struck"].tolist() == [k == "Hard", k == "Soft"]
            for i, k in kinds
        )


@laws
@given(rivalries, st.fractions(F(1, 9), 9, max_denominator=9), st.integers(-5, 5))
def test_unit_and_zero_of_payoffs_do_not_matter(model, unit, zero):
    names = ["DC", "SQ", "DD_plus", "CD", "DD_minus"]
    other = model.but(**{k: unit * getattr(model, k) + zero for k in names})
    assert stated(other) == stated(model)


@laws
@given(rivalries)
def test_names_of_the_two_do_not_matter(model):
    swapped = model.but(p_A=model.p_B, p_B=model.p_A)
    assert {(*q[2:], *q[:2]) for q in stated(swapped)} == stated(model)


@laws
@given(st.integers(1, 9), st.integers(1, 9), st.fractions(0, 1, max_denominator=7))
def test_restraint_in_chicken_needs_threats_of_one_less_the_compromise(r, c, q):
    """Brams and Kilgour: one that pre-empts gets 1, or 0 if the other retaliates (derived)."""
    r3, c3 = F(r, 10), F(c, 10)
    game = gt.Game.from_payoffs([[r3, 0], [1 - q, 0]], [[c3, 1 - q], [0, 0]])
    restraint = gt.certify(gt.Profile(game, [[1, 0], [1, 0]]))
    form = {"DC": 1, "DD_plus": 0, "CD": F(-1), "DD_minus": F(-2)}
    needed = [KilgourZagare1991(SQ=x, **form).threshold() for x in (r3, c3)]
    assert needed == [1 - r3, 1 - c3]
    assert (restraint.regret == 0) == (q >= max(needed))


# Derived; checked independently: t = 1/2.
@pytest.mark.parametrize(("h", "members"), [(0.1, 7), (0.2, 4), (0.3, 2), (0.5, 1)])
def test_known_number_of_members(h, members):
    model = KilgourZagare1991(h=h)
    assert model.members_needed() == members
    assert model.but(M=members).retaliates() >= model.threshold()
    assert members == 1 or model.but(M=members - 1).retaliates() < model.threshold()


def test_known_majorities():
    # Derived; checked independently: h = .4.
    model = KilgourZagare1991(M=np.array([1, 3, 5, 9]), h=0.4)
    assert model.retaliates_by_majority() == pytest.approx(
        [0.4, 0.352, 0.31744, 0.266568], abs=5e-7
    )


@pytest.mark.parametrize(("M", "h"), [(1, 0.7), (4, 0.35), (6, 0.5), (7, 0.62)])
def test_retaliation_of_an_alliance_by_enumeration(M, h):
    any_one = majority = 0.0
    for kinds in itertools.product([0, 1], repeat=M):
        chance = math.prod(h if hard else 1 - h for hard in kinds)
        any_one += chance * (sum(kinds) >= 1)
        majority += chance * (2 * sum(kinds) > M)
    model = KilgourZagare1991(M=M, h=h)
    assert model.retaliates() == pytest.approx(any_one, abs=1e-12)
    assert model.retaliates_by_majority() == pytest.approx(majority, abs=1e-12)


def test_simulated_bluff():
    """Where both bluff, a Soft state is indifferent, and conflict comes as told."""
    model, draws = KilgourZagare1991(p_A=0.2, p_B=0.35, DC=5.0, SQ=3.0, DD_plus=2.5), 400_000
    rng = np.random.default_rng(7)
    hard = rng.random((2, draws)) < np.array([[0.2], [0.35]])
    defect = hard | (rng.random((2, draws)) < model.bluffs()[:, None])
    conflict = (defect[0] & defect[1]) | (defect[0] & hard[1]) | (defect[1] & hard[0])
    assert conflict.mean() == pytest.approx(model.conflict()[5], abs=4 * 0.5 / math.sqrt(draws))
    for j in (0, 1):  # what the other of j gets
        fights = np.where(defect[j] | hard[j], model.DD_minus, model.DC)
        stays = np.where(defect[j], model.CD, model.SQ)
        gain = fights - stays
        assert gain.mean() == pytest.approx(0, abs=4 * gain.std() / math.sqrt(draws))


@pytest.mark.parametrize("wrong", [{"SQ": 4.5}, {"CD": 2.0}, {"DD_minus": 1.0}])
def test_preferences_out_of_order(wrong):
    with pytest.raises(ValueError, match="needs"):
        KilgourZagare1991(**wrong)


def test_types_that_are_known_are_left_out_of_the_game():
    sets = [s.label for s in KilgourZagare1991(p_A=0, p_B=1.0).game().sets]
    assert sets == ["Soft", "Hard"]


def verdict(model, name, **prior):
    return getattr(model, name)(2_000, priors={"narrow": prior})


def test_the_less_credible_side_decides_on_deterrence():
    model = KilgourZagare1991(p_B=0.9)
    low, high = (
        verdict(model, "deterrence_is_an_equilibrium", p_A=uniform(a, 0.5)) for a in (0, 0.5)
    )
    assert low.finding is gt.Finding.CHALLENGES
    assert high.finding is gt.Finding.MATCHES


def test_conflict_is_possible_whatever_the_threats():
    drawn = KilgourZagare1991().deterrence_may_fail(2_000)
    assert all(e.some == 1 for e in drawn.evidence)
    assert all(e.agreement == 1 for e in drawn.evidence)


def test_bluffers_make_up_for_more_credible_threats():
    # b = 1/2: in separation conflict has chance p_A p_B, in bluff b^2 whatever p is.
    model = KilgourZagare1991(CD=1.9)
    assert model.bluff_threshold() == pytest.approx(1 / 2.9)
    bluff, separate = (model.but(p_A=p, p_B=p).credibility_breeds_conflict for p in (0.2, 0.45))
    assert (bool(bluff.holds().every), bool(bluff.holds().some)) == (False, True)
    assert bool(separate.holds().every)
    assert not model.credibility_breeds_conflict.holds().given
    drawn = model.credibility_breeds_conflict(2_000)
    assert all(e.agreement > 0.99 for e in drawn.evidence)


@pytest.mark.parametrize(
    ("h", "finding"), [(0.2, gt.Finding.CHALLENGES), (0.8, gt.Finding.MATCHES)]
)
def test_doubtful_members_make_a_majority_the_harder_the_more_they_are(h, finding):
    model = KilgourZagare1991(h=h)
    assert verdict(model, "larger_alliances_retaliate_more", M=uniform(1, 12)).finding is finding


def test_boundaries_agree_with_the_tests():
    for proposition in KilgourZagare1991().propositions():
        drawn = proposition(2_000)
        assert all(e.agreement is None or e.agreement > 0.999 for e in drawn.evidence), drawn
