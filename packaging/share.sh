#!/bin/sh
# Writes what lies beside the program where it is installed, by the program itself: PROGRAM FOLDER
# completions/{stagectl.bash,_stagectl,stagectl.fish} and man/man1/*.1
set -eu
program=$1 folder=$2
rm -rf "$folder"
mkdir -p "$folder/completions" "$folder/man/man1"
"$program" completions bash >"$folder/completions/stagectl.bash"
"$program" completions zsh >"$folder/completions/_stagectl"
"$program" completions fish >"$folder/completions/stagectl.fish"
"$program" man --dir "$folder/man/man1"
