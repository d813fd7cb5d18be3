#!/bin/bash
# Matches the pairs of a folder as a Slurm job array: one shard of `match batch` a task.
#
#   match batch photos/ -o out/ --overlap-search 20 --write-pairs pairs.txt     # or any other choice of pairs
#   sbatch --array=1-64 integrations/slurm_batch.sh photos/ -o out/ --pairs pairs.txt
#
# Photos, list and output are on a file system that all nodes share. A task that is requeued goes on where it stopped; to
# repeat failed tasks submit the same line again: finished shards take a moment.
#SBATCH --job-name=match-batch
#SBATCH --cpus-per-task=4
#SBATCH --mem=8G
#SBATCH --time=24:00:00
#SBATCH --requeue
#SBATCH --signal=B:TERM@60
#SBATCH --output=match-batch-%A_%a.log

set -eu
: "${SLURM_ARRAY_TASK_ID:?submit with sbatch --array=1-N}"
first=${SLURM_ARRAY_TASK_MIN:-1}
if [ "$first" != 1 ]; then echo "use --array=1-N: shards count from 1" >&2; exit 64; fi
# SLURM_MEM_PER_NODE is in MiB; a tenth is left to the system.
memory=$(( ${SLURM_MEM_PER_NODE:-8192} * 9 / 10 ))MB

exec "${MATCH:-match}" batch "$@" \
	--shard "$SLURM_ARRAY_TASK_ID/${SLURM_ARRAY_TASK_MAX:?submit with sbatch --array=1-N}" \
	--threads "${SLURM_CPUS_PER_TASK:-1}" --memory "$memory" --quiet
