"""The judge learns from answers and keeps its opinion where there are none."""

import numpy as np

from shoal.review.assist.judge import Judge, Scales


def test_without_answers_the_opinion_stands():
    judge = Judge([-1.0, 2.0])
    judge.learn(np.empty((0, 1)), np.empty(0, bool))
    assert judge.probability(np.array([0.5])) == 0.5


def test_answers_overrule_the_opinion():
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 1, (200, 1))
    judge = Judge([-1.0, 2.0])  # says yes from 0.5 on
    judge.learn(x, x[:, 0] > 0.8)
    assert judge.probability(np.array([0.7])) < 0.35 < 0.65 < judge.probability(np.array([0.95]))


def test_weights_count_as_repeats():
    x, yes = np.array([[0.1], [0.9]]), np.array([False, True])
    once, often = Judge([0, 0]), Judge([0, 0])
    once.learn(np.repeat(x, 5, axis=0), np.repeat(yes, 5))
    often.learn(x, yes, np.array([5.0, 5.0]))
    assert np.allclose(once.weights, often.weights)


def test_scales_learn_that_a_kind_of_guess_seldom_comes_true():
    scales = Scales()
    assert scales.real("group", 0.7) == 0.7
    for came in [False] * 18 + [True] * 2:
        scales.note("group", 0.7, came)
    assert scales.real("group", 0.7) < 0.3 and scales.real("move", 0.7) == 0.7
    assert scales.real("group", np.array([0.2, 0.9])).shape == (2,)


def test_where_a_judge_learns_too_the_record_changes_little():
    scales = Scales()
    for _ in range(30):
        scales.note("merge", 0.2, True)
        scales.note("move", 0.2, True)
    stated, merge, move = 0.2, scales.real("merge", 0.2).item(), scales.real("move", 0.2).item()
    assert stated < merge < move - 0.1


def test_each_weight_may_have_its_own_doubt():
    judge = Judge((0.0, 1.0), doubt=(2.0, 1e-3))
    judge.learn(np.array([[-4.0], [-3.0], [-5.0]] * 5), np.ones(15, bool))
    assert judge.weights[0] > 2 and abs(judge.weights[1] - 1) < 0.01
