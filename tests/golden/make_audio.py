#!/usr/bin/env python3
"""Writes audio.json: log-mel energies and MFCC by librosa (0.11), an independent implementation.

  pip install librosa && tests/golden/make_audio.py

The signal, which tests/modality/spectrogram_test.cpp makes too: a tone that rises from 200 Hz, and noise.
"""

import json
import pathlib

import librosa
import numpy as np

RATE, COUNT, WINDOW, HOP = 16000, 1700, 400, 160


def signal():
    i = np.arange(COUNT)
    t = i / RATE
    noise = 2 * (((i + 1) * 0.6180339887498949) % 1) - 1
    return (0.5 * np.sin(2 * np.pi * (200 * t + 20000 * t * t)) + 0.1 * noise).astype(np.float32)


def log_mel(bands, low, high, htk):
    mel = librosa.feature.melspectrogram(
        y=signal(), sr=RATE, n_fft=WINDOW, win_length=WINDOW, hop_length=HOP, window="hann", center=True,
        pad_mode="constant", power=2.0, n_mels=bands, fmin=low, fmax=high, htk=htk, norm="slaney")
    return np.log(np.maximum(mel, 1e-10))


def main():
    cases = []
    for bands, low, high, htk, coefficients in [(24, 0, 8000, False, 0), (16, 60, 7000, True, 0),
                                                (24, 20, 7600, False, 13)]:
        values = log_mel(bands, low, high, htk)
        if coefficients:
            values = librosa.feature.mfcc(S=values, n_mfcc=coefficients, dct_type=2, norm="ortho")
        cases.append({"bands": bands, "low_hz": low, "high_hz": high, "scale": "htk" if htk else "slaney",
                      "coefficients": coefficients, "frames": values.shape[1],
                      "values": [round(float(v), 5) for v in values.T.ravel()]})
    path = pathlib.Path(__file__).with_name("audio.json")
    path.write_text(json.dumps(cases, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
