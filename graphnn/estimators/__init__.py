"""Estimators: graphnn in scikit-learn's pipelines, searches and cross-validations."""
