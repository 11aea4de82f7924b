"""Findings and predictions as text: human, json, jsonl, sarif, github. Pure."""
