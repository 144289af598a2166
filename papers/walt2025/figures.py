"""The figures of the report: one a claim, and one from the data. Each returns its caption.

Everything drawn is computed here from the models, the solver or the data; dots marked "solver" are
equilibria found by ``gametheory.solve``, lines are closed forms.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from gametheory_models import data
from gametheory_models.armsrace.arms_control import ArmsControl
from gametheory_models.armsrace.kydd2005 import Kydd2005
from gametheory_models.collective.diekmann1985 import Diekmann1985
from gametheory_models.collective.joint_intervention import JointIntervention
from gametheory_models.deterrence.bloc_n import BlocN
from gametheory_models.deterrence.first_strike import FirstStrike

import gametheory as gt
from gametheory.plot import BLUE, GREEN, GREY, ORANGE, PURPLE, RED

Draw = Callable[[Any, Any], str]


def c1(left: Any, right: Any) -> str:
    """Chance that joint action is played, and the trust that universal restraint needs."""
    sizes = np.arange(2, 9)
    for missing, colour in zip((0, 1, 2), (RED, ORANGE, BLUE)):
        shown = sizes[sizes - missing >= 2]
        chance = [
            float(JointIntervention.selected_uniform(int(N), int(N - missing))) for N in shown
        ]
        label = "all N must join" if not missing else f"N − {missing} suffice"
        left.semilogy(shown, chance, "o-", ms=3.5, color=colour, label=label)
    left.set(xlabel="states N", ylabel="chance that action is played", title="Joint intervention")
    left.legend()
    trust = np.linspace(0.02, 0.98, 200)
    for N, colour in zip((2, 3, 5, 9), (BLUE, GREEN, ORANGE, RED)):
        # R - T = 1 - mu and P - S = mu give the confidence mu.
        needed = [Kydd2005(N=N, R=1.0, T=mu, P=0.0, S=-mu).threshold() for mu in trust]
        right.plot(trust, needed, color=colour, label=f"N = {N}")
    right.set(
        xlabel="confidence μ that enough others must restrain",
        ylabel="least trust in each t*",
        title="Universal restraint",
    )
    right.legend()
    return (
        "Left: chance that joint intervention against an aggressor of gravity 1 is the equilibrium "
        "played, when states' costs over stakes are independent and uniform on (0, 1): 1/N! if all "
        "must join (JointIntervention.selected_uniform). Right: the trust that each state needs in "
        "each other for restraint by all to be an equilibrium, μ^(1/(N−1)) (Kydd2005.threshold)."
    )


def c3(left: Any, right: Any) -> str:
    """Chance that nobody acts, and chance that each stands aside, by number of able states."""
    n = np.arange(2, 31)
    c, some = 0.4, np.array([2, 5, 10, 20, 30])
    for s, colour in zip((0.0, 0.1, 0.2, 0.4), (RED, ORANGE, PURPLE, BLUE)):
        model = Diekmann1985(n=n, c=c, s=s)
        label = "known cost 0.4" if s == 0 else f"private, {c - s:.1f} to {c + s:.1f}"
        left.plot(n, model.unopposed(), color=colour, label=label)
        right.plot(n, model.waits(), color=colour, label=label)
        waits = [solved_waits(Diekmann1985(n=int(k), c=c, s=s)) for k in some]
        left.plot(some, np.array(waits) ** some, "o", ms=3.5, color=colour)
        right.plot(some, waits, "o", ms=3.5, color=colour)
    left.set(xlabel="able states n", ylabel="chance that nobody acts", title="The group")
    right.set(xlabel="able states n", ylabel="chance that a state waits", title="Each state")
    left.set_ylim(bottom=0)
    left.legend()
    return (
        "The volunteer's dilemma, benefit 1, mean cost 0.4 (Diekmann1985.unopposed, .waits); dots: "
        "the symmetric equilibrium found by the solver. Each state waits more as more could act, "
        "yet with private costs the chance that nobody acts falls once the cutoff cost is below "
        "half the highest cost."
    )


def solved_waits(model: Diekmann1985) -> float:
    """Chance of waiting in the one symmetric equilibrium that the solver finds."""
    (equilibrium,) = gt.solve(model.game())
    return float(equilibrium.mixtures[0][1])


def c5(left: Any, right: Any) -> str:
    """Patience and trust that arms control needs, by number of participants."""
    N = np.arange(2, 10)
    for kappa, colour in zip((0.0, 0.5, 1.0, 1.5), (BLUE, GREEN, GREY, RED)):
        left.plot(
            N, ArmsControl(N=N, kappa=kappa).critical_patience(), "o-", ms=3, color=colour,
            label=f"κ = {kappa:g}",
        )  # fmt: skip
    left.axhline(1, color="black", lw=0.6)
    left.set(xlabel="participants N", ylabel="least patience δ*", title="Perfect monitoring")
    left.set_ylim(0, 1.6)
    left.legend(title="congestion of harm", title_fontsize=8, ncols=2)
    for sigma, colour in zip((0.5, 0.75, 1.0), (BLUE, ORANGE, RED)):
        right.plot(
            N, Kydd2005(N=N, sigma=sigma).threshold(), "o-", ms=3, color=colour,
            label="all must restrain" if sigma == 1 else f"{sigma:.0%} must",
        )  # fmt: skip
    right.set(xlabel="participants N", ylabel="least trust in each t*", title="Stag hunt")
    right.set_ylim(0, 1)
    right.legend()
    return (
        "Left: the discount factor that sustains restraint under grim punishment, g = 0.5, h = 1 "
        "(ArmsControl.critical_patience); above 1 none does. Right: the trust that restraint needs "
        "(Kydd2005.threshold at its defaults), for three quorums. More participants are harder "
        "where harm is diluted over rivals, or where the newcomer's consent is needed; not "
        "otherwise."
    )


def c10(left: Any, right: Any) -> str:
    """Where two blocs deter better than N states, and where two poles are safer than three."""
    N = np.linspace(4, 24, 200)
    for m, colour in zip((0.5, 1.0, 2.0), (GREEN, BLUE, PURPLE)):
        left.plot(N, [_critical_balancers(x, m) for x in N], color=colour, label=f"m = {m:g}")
    left.text(15.5, 0.45, "two blocs deter better", color=GREY)
    left.text(9, 4.6, "N states deter better", color=GREY)
    left.set(xlabel="states N", ylabel="states that surely balance k", title="The root-N rule")
    left.set_ylim(0, 6)
    left.legend(title="decisiveness of war", title_fontsize=8, loc="upper left")
    p = np.linspace(0, 1, 201)
    with np.errstate(divide="ignore"):
        right.fill_between(p, np.minimum(2 * p / (1 - p), 1), 1, color=BLUE, alpha=0.25, lw=0)
        right.plot(p, 2 * p / (1 - p), color=BLUE, label="two as safe as three")
        right.plot(p, p / (1 - p), color=RED, label="peace between two just holds")
    right.text(0.02, 0.88, "two poles safer", color=BLUE)
    right.text(0.31, 0.6, "three safer", color=GREY, rotation=62)
    right.text(0.55, 0.5, "no peace between two", color=RED)
    right.set(
        xlim=(0, 1), ylim=(0, 1), title="First strikes",
        xlabel="chance p that a first strike succeeds", ylabel="chance r of retaliation",
    )  # fmt: skip
    right.legend(loc="lower right")
    return (
        "Left: the number of third parties that must be sure to balance for N states to deter as "
        "well as two tight blocs, (1+k)(1+(1+k)^m) = N (BlocN.two_blocs_deter_better). Right: "
        "where the margin against a first strike is larger with two powers than with three, "
        "(1−p)r > 2p, "
        "and where peace between two is an equilibrium, (1−p)r ≥ p (FirstStrike.margin)."
    )


def _critical_balancers(N: float, m: float) -> float:
    """The k at which two blocs and N states deter alike."""
    from scipy.optimize import brentq

    return float(brentq(lambda k: (1 + k) * (1 + (1 + k) ** m) - N, 0, N))


def c11(left: Any, right: Any) -> str:
    """What recognition of the aggressor does to deterrence, and what one more power does."""
    alpha = np.linspace(0.05, 1, 60)
    for N, colour in zip((6, 10, 20), (GREEN, BLUE, PURPLE)):
        model = BlocN(N=N, k=0, alpha=alpha)
        left.plot(
            alpha, model.choice_cutoff() / model.two_bloc_cutoff(), color=colour, label=f"N = {N}"
        )
    left.axhline(1, color="black", lw=0.6)
    left.set(
        xlabel="chance α that a third party recognises the aggressor",
        ylabel="attack cutoff, two blocs = 1",
        title="Own judgement",
    )
    left.legend()
    n = np.arange(2, 9)
    cases = ((0.1, 0.9, "secure", BLUE), (0.3, 0.5, "vulnerable", RED))
    for p, r, label, colour in cases:
        hazard = FirstStrike(n=n, p=p, r=r).hazard()
        right.semilogy(n, hazard, "o-", ms=3.5, color=colour, label=f"{label}: p {p}, r {r}")
    right.set(xlabel="powers n", ylabel="chance of a strike at a move", title="First strikes")
    right.legend()
    return (
        "Left: how much cheaper an attack may be with N states that balance on their own judgement "
        "than with two tight blocs (BlocN.choice_cutoff over .two_bloc_cutoff, costs up to a "
        "quarter of the stake); above the line two blocs deter better. Right: the chance of a "
        "first strike at each move with errors of precision 20 (FirstStrike.hazard): two powers "
        "are safest where retaliation is secure, three where it is not."
    )


def c13(left: Any, right: Any) -> str:
    """Passing the burden, and what uncertainty about the coalition is worth to an attacker."""
    N = np.arange(4, 21)
    for cbar, colour in zip((0.1, 0.25, 0.6), (GREEN, BLUE, RED)):
        model = BlocN(N=N, k=0, cbar=cbar)
        left.plot(N, model.balances(), color=colour, label=f"costs up to {cbar:g}")
        left.plot(N, model.balancers() / 10, "--", color=colour)
        mean = model.balancers()
        certain = model.g / model.N / (1 + (1 + mean) ** model.m) / ((1 + mean) / model.N)
        right.plot(
            N, model.choice_cutoff() / certain - 1, color=colour, label=f"costs up to {cbar:g}"
        )
    left.set(
        xlabel="states N",
        ylabel="each balances; expected number / 10 (dashed)",
        title="Passing the burden",
    )
    left.legend()
    right.yaxis.set_major_formatter(lambda y, _: f"{y:.0%}")
    right.set(xlabel="states N", ylabel="added incentive to attack", title="Uncertainty")
    right.set_ylim(bottom=0)
    return (
        "Left: each third party balances less as there are more of them, but more balance in "
        "expectation (BlocN.balances, .balancers). Right: how much more an attacker gains from a "
        "coalition of uncertain size than from a certain one of the same mean size "
        "(BlocN.uncertainty_invites_attack)."
    )


def poles(left: Any, right: Any) -> str:
    """The poles through time, and what the models say of that many."""
    table = data.poles()
    years, effective = table.index.to_numpy(), table["effective"].to_dict()
    left.step(years, table["majors"], color=GREY, lw=1, where="mid", label="major powers")
    left.plot(years, table["effective"], color=BLUE, label="effective number (CINC)")
    for year in data.systems():
        value = effective[year]
        left.plot(year, value, "o", ms=4, color=ORANGE)
        side = "right" if year == 1962 else "center"
        left.annotate(
            f"{year}: {value:.1f}", (year, value), (0, -12), textcoords="offset points",
            ha=side, fontsize=7, color=ORANGE,
        )  # fmt: skip
    left.set(xlabel="year", ylabel="poles", title="How many poles")
    left.set_ylim(0, 9)
    left.legend(loc="upper right")
    count = np.maximum(2, np.rint(table["effective"].to_numpy())).astype(int)
    curves = {
        "strike hazard, secure retaliation": (
            FirstStrike(n=count, p=0.1, r=0.9, lam=10).hazard(), BLUE),
        "strike hazard, vulnerable": (FirstStrike(n=count, p=0.3, r=0.5, lam=10).hazard(), RED),
        "patience δ*, harm diluted (κ = 1.5)": (
            ArmsControl(N=count, g=0.4, kappa=1.5).critical_patience(), ORANGE),
        "patience δ*, harm in full (κ = 0)": (
            ArmsControl(N=count, g=0.4, kappa=0.0).critical_patience(), GREEN),
    }  # fmt: skip
    for label, (values, colour) in curves.items():
        right.step(years, values, where="mid", color=colour, lw=1.2, label=label)
    right.set(xlabel="year", ylabel="risk or patience needed", title="What the models say of it")
    right.set_ylim(0, 1.35)
    right.legend(loc="upper left", fontsize=7)
    return (
        "Left: major powers (Correlates of War) and their effective number 1/Σs², s the shares of "
        "their summed capabilities (gametheory_models.data.poles). Right: the chance of a strike "
        "(FirstStrike.hazard, precision 10) and the least patience for arms control "
        "(ArmsControl.critical_patience, g = 0.4, h = 1) with that effective number, rounded, as "
        "the number of equal powers. The same count is dangerous or safe according to the "
        f"technology; by capabilities the poles were fewer in 2022 ({effective[2022]:.1f}) than in "
        f"1985 ({effective[1985]:.1f}). Source: {data.SOURCE}"
    )


FIGURES: dict[str, Draw] = {
    name.upper() if name.startswith("c") else name: draw
    for name, draw in list(globals().items())
    if callable(draw) and name in {"poles"} | {f"c{k}" for k in range(1, 18)}
}
