#!/bin/sh
# The entry point of a SageMaker processing job. SageMaker takes all but 0 for a failed job, so drift (1) and inconclusive
# windows (3) end with 0; what came out stands in the job's ExitMessage, in report.json and in constraint_violations.json.
#
#     run.sh JOB [DATE]
set -u
job=$1
message=${TEXTDRIFT_MESSAGE:-/opt/ml/output/message}

if [ $# -gt 1 ]; then
    textdrift run "$job" --date "$2"
else
    textdrift run "$job"
fi
code=$?
case $code in
    0) echo "Completed: no drift that fails the gate" > "$message" ;;
    1) echo "CompletedWithViolations: the gate failed; see constraint_violations.json" > "$message" ;;
    3) echo "Completed: inconclusive, the windows are too small to tell" > "$message" ;;
    *) echo "textdrift ended with $code; the log says why" > "$message" ;;
esac
case $code in 0 | 1 | 3) exit 0 ;; *) exit "$code" ;; esac
