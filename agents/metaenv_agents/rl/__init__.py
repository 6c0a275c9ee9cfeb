"""Learned policies. Only the modules in here import torch and Stable-Baselines3."""
