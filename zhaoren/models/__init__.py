"""The learned ranking: labels from verified need, training that looks only back, and one honest comparison.

frame = training_frame(panels, alerts, outcomes, codes)
entry = train(frame, home / "models", as_of, capacity=12)
scores = score_households(entry, households, persons, signals)
"""

from zhaoren.models.audits import audit_recall, calibration, group_audit
from zhaoren.models.evaluation import evaluate_rankings
from zhaoren.models.frames import training_frame
from zhaoren.models.labels import known_labels, labels
from zhaoren.models.ranking import ranking_candidates, score, score_households
from zhaoren.models.registry import ModelEntry, latest_model, list_models, load
from zhaoren.models.training import TrainingSettings, train

__all__ = [
    "ModelEntry",
    "TrainingSettings",
    "audit_recall",
    "calibration",
    "evaluate_rankings",
    "group_audit",
    "known_labels",
    "labels",
    "latest_model",
    "list_models",
    "load",
    "ranking_candidates",
    "score",
    "score_households",
    "train",
    "training_frame",
]
