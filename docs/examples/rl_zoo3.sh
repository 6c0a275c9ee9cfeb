#!/usr/bin/env bash
# RL Zoo trains, shows and films a policy: bash docs/examples/rl_zoo3.sh [visits]
#
# pip install metastasis-env rl_zoo3 'moviepy>=2' pillow
#
# `--gym-packages metaenv` registers the ids in every process. Everything lands in ./rl_zoo3/.
set -euo pipefail
here="$(dirname "$(realpath "${BASH_SOURCE[0]}")")"
visits="${1:-2000}"
common=(--algo ppo --env metaenv/Prostate-v0 --gym-packages metaenv --seed 1)

python -m rl_zoo3.train "${common[@]}" --conf-file "$here/rl_zoo3.yml" --log-folder rl_zoo3 \
    --n-timesteps "$visits" --eval-freq "$visits" --eval-episodes 2 --env-kwargs cohort:"'train'" \
    --eval-env-kwargs cohort:"'validation'"

# without --no-render a window shows the chart of the patient who is treated
python -m rl_zoo3.enjoy "${common[@]}" --folder rl_zoo3 --n-timesteps 200 --no-render --env-kwargs cohort:"'validation'"

python -m rl_zoo3.record_video "${common[@]}" --folder rl_zoo3 --n-timesteps 60 --output-folder rl_zoo3/films

film="$(find rl_zoo3/films -name '*.mp4' -size +1k | head -n 1)"
echo "film of one patient: ${film:?no film was made}"
