"""A configuration that trains in seconds on 40 images."""

TEXT = """
name: tiny
scheme: agilenn
seed: 5
backbone: tiny
dataset: {name: digits, augment: crop, pad: 2}
network: {extractorHidden: 8, localWidths: [4, 8], widths: [8, 12]}
reference: {epochs: 2, batch: 8}
align: {epochs: 1, batch: 8}
joint: {epochs: 1, batch: 8, rankingImages: 16}
settle: {epochs: 1, batch: 8}
local: {epochs: 1, batch: 8}
"""
