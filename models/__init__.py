"""The learned ranking: labels from verified need, training that looks only back, and one honest comparison.

frame = training_frame(panels, alerts, outcomes, codes)
entry = train(frame, home / "models", as_of, capacity=12)
scores = score_households(entry, households, persons, signals)
"""

from models.evaluation.audits import audit_recall, calibration, group_audit
from models.evaluation.evaluation import evaluate_rankings
from models.features.labels import known_labels, labels
from models.features.training_frame import training_frame
from models.ranking.ranking import ranking_candidates, score, score_households
from models.ranking.registry import ModelEntry, latest_model, list_models, load
from models.ranking.training import TrainingSettings, train

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
