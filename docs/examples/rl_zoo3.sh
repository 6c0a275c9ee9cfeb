#!/usr/bin/env bash
# RL Zoo trains, plays and films a policy: bash docs/examples/rl_zoo3.sh [visits]
#
# pip install 'metastasis-env[video]' rl_zoo3 requests    (RL Zoo 2.9.2 imports requests without asking for it)
#
# `--gym-packages metaenv` registers the ids; `record_video` lacks that option, so metaenv is imported before it.
# Everything lands in ./rl_zoo3/. Arguments of the environment go through --env-kwargs, texts in two kinds of quotes.
set -euo pipefail
here="$(dirname "$(realpath "${BASH_SOURCE[0]}")")"
visits="${1:-2000}"
common=(--algo ppo --env metaenv/Prostate-v1 --seed 1)
unseen=(cohort:"'validation'")

python -m rl_zoo3.train "${common[@]}" --gym-packages metaenv --conf-file "$here/rl_zoo3.yml" --log-folder rl_zoo3 \
    --n-timesteps "$visits" --eval-freq "$visits" --eval-episodes 2 --eval-env-kwargs "${unseen[@]}"

# without --no-render a window shows the chart of the patient who is treated
python -m rl_zoo3.enjoy "${common[@]}" --gym-packages metaenv --folder rl_zoo3 --n-timesteps 200 --no-render \
    --env-kwargs "${unseen[@]}"

python -c "import metaenv, runpy; runpy.run_module('rl_zoo3.record_video', run_name='__main__')" \
    "${common[@]}" --folder rl_zoo3 --n-timesteps 60 --output-folder rl_zoo3/films --env-kwargs "${unseen[@]}"

film="$(find rl_zoo3/films -name '*.mp4' -size +1k | head -n 1)"
echo "film of one patient: ${film:?no film was made}"
