#!/usr/bin/env python3
"""Writes captions.json: what coco-caption's programs and sacreBLEU give, for tests/metric/caption_golden_test.cpp.

Run: pip install pycocoevalcap sacrebleu xxhash; python3 captions.py "$BRAID_DATA" > captions.json
Needs java, and the sets caption_metrics and flickr8k below $BRAID_DATA. Made with pycocoevalcap 1.2, which brings
Stanford's PTBTokenizer 3.4.1 and METEOR 1.5, and sacrebleu 2.6.0.

The sentences are ours. METEOR runs with `-m "exact stem"`: the stages that braid has. WordNet and the
paraphrase table have no part in them.
"""

import json
import pathlib
import subprocess
import sys

import sacrebleu
import xxhash
from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.meteor import meteor as meteor_program
from pycocoevalcap.rouge.rouge import Rouge
from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

ENGLISH = [  # candidate, references
    ("A dog runs across the green field.",
     ["A brown dog is running through the grass.", "The dog runs across a green meadow.", "Dog in a field"]),
    ("Two men are sitting on the bench",
     ["Two men sit on a park bench.", "A pair of friends, resting on a bench in the park", "Men sitting outside"]),
    ("the the the the the", ["The cat sat on the mat.", "There is a cat on the mat, isn't there?", "A cat"]),
    ("A child's red ball isn't on the table", ["The child's ball is red.", "A ball lies under the table; it's red!"]),
    ("a man riding a wave on top of a surfboard",
     ["A man riding a wave on top of a surfboard.", "A surfer rides the wave"]),
    ("Skiers ski down the snow-covered hill", ["A skier skis down a snow covered hill", "People skiing (downhill)"]),
    ("horses", ["A horse", "Three horses are grazing near the fence by the river on a quiet summer evening"]),
    ("boy with girl and girl with boy", ["a girl with a boy and a boy with a girl", "boy and girl"]),
    ("an empty street at 5 p.m. in the U.S.", ["A street at 5:30 p.m.", "The U.S. street, without any people"]),
    ("something else entirely", ["Red apples in a bowl", "A bowl of apples"]),
    ("walked walking walks walk", ["He walks and walked to walk", "walk walk walking"]),
    ("a woman who is holding an umbrella while walking in the rain with her dog and her two children",
     ["A woman with an umbrella", "A mother and kids walk in rain."]),
]
CHINESE = [
    ("一只狗在草地上跑。", ["一只棕色的狗在草地上奔跑。", "狗跑过绿色的草地。"]),
    ("两个人坐在长椅上", ["公园的长椅上坐着两个人。", "两个男人坐在椅子上"]),
    ("女孩", ["穿红裙子的小女孩。", "一个女孩在唱歌"]),
]
LINES = [
    "A man's dog isn't here, it's Mr. Smith's (the U.S. one) -- really... Yes! No?",
    "\"quoted\" 'single' and ``both'' don't [x] {y}",
    "3,000 people at 5:30 p.m. paid $5.00 or 50% for 1/2 of #1 @home & co.",
    "twin-hulled t-shirt T-shirt man/woman and/or www.google.com a--b dash-",
    "I cannot, can't, won't, gonna wanna; they'd we're I'm you've he'll 'tis '90s",
    "plan b. main st. jan. 5 a.m. ph.d. e.g. etc. end. dogs' o'clock y'all rock'n'roll",
    "it\u2019s \u201cok\u201d \u2013 na\u00efve caf\u00e9 \u2026 5th 4x4 10-year-old no. 7",
    "man's. man's, man's; dog.cat hello,world x;y (dog). dog.\" 1,000. 50%.",
]


def coco(samples):
    """BLEU-1..4, ROUGE-L, CIDEr-D of samples in words."""
    references = {i: refs for i, (_, refs) in enumerate(samples)}
    candidates = {i: [cand] for i, (cand, _) in enumerate(samples)}
    bleu, bleus = Bleu(4).compute_score(references, candidates, verbose=0)
    rouge, rouges = Rouge().compute_score(references, candidates)
    cider, ciders = Cider().compute_score(references, candidates)
    whole = {f"bleu_{n + 1}": bleu[n] for n in range(4)} | {"rouge_l": rouge, "cider_d": cider}
    return whole, {"rouge_l": list(map(float, rouges)), "cider_d": list(map(float, ciders))}


def meteor(samples, *options):
    jar = pathlib.Path(meteor_program.__file__).parent / "meteor-1.5.jar"
    program = subprocess.Popen(["java", "-Xmx1G", "-jar", jar, "-", "-", "-stdio", *options],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def ask(line):
        program.stdin.write(line + "\n")
        program.stdin.flush()
        return program.stdout.readline().strip()

    parts = [ask(" ||| ".join(["SCORE", *refs, cand])) for cand, refs in samples]
    first = float(ask(" ||| ".join(["EVAL", *parts])))
    scores = [first] + [float(program.stdout.readline()) for _ in samples[1:]]
    whole = float(program.stdout.readline())
    program.kill()
    return whole, scores


def ptb(sentences):
    rows = PTBTokenizer().tokenize({i: [{"caption": text}] for i, text in enumerate(sentences)})
    return [rows[i][0] for i in range(len(sentences))]


def in_words(samples, split):
    flat = split([text for cand, refs in samples for text in (cand, *refs)])
    words = iter(flat)
    return [(next(words), [next(words) for _ in refs]) for _, refs in samples]


def chrf(samples):
    """As ragged references: each sample's score and sums over samples, both from sacreBLEU's own class."""
    metric = sacrebleu.CHRF()
    sums = [metric._compute_segment_statistics(cand, metric._extract_reference_info(refs)) for cand, refs in samples]
    return metric._aggregate_and_compute(sums).score / 100, [
        metric.sentence_score(cand, refs).score / 100 for cand, refs in samples]


def figures(samples, words, *meteor_options):
    whole, each = coco(words)
    whole["meteor"], each["meteor"] = meteor(words, *meteor_options)
    whole["chrf"], each["chrf"] = chrf(samples)
    return {"samples": samples, "whole": whole, "each": each}


def by_characters(sentences):
    return [" ".join(c for c in text if c.isalnum()) for text in sentences]


def rows(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def shared(data):
    """METEOR of the 1000 COCO captions, which are in words; a hash of the words of every English flickr8k caption."""
    demo = [(row["candidate"], row["references"]) for row in rows(data / "caption_metrics/coco_demo.jsonl")]
    whole, each = meteor(demo, "-m", "exact stem", "-l", "en", "-norm")
    texts = [text for split in ("train", "val", "test") for row in rows(data / f"flickr8k/{split}.jsonl")
             for text in row["captions_en"]]
    words = "".join(line + "\n" for line in ptb(texts))
    return {"coco_demo_meteor": whole, "coco_demo_meteor_each": each,
            "flickr8k_captions": len(texts), "flickr8k_words_xxh128": xxhash.xxh3_128_hexdigest(words.encode())}


english = figures(ENGLISH, in_words(ENGLISH, ptb), "-m", "exact stem", "-l", "en", "-norm")
chinese = figures(CHINESE, in_words(CHINESE, by_characters), "-m", "exact", "-l", "other", "-t", "universal")
print(json.dumps({"ptb": list(zip(LINES, ptb(LINES))), "english": english, "chinese": chinese,
                  "shared": shared(pathlib.Path(sys.argv[1]))}, ensure_ascii=False, default=float))
