#compdef provisioner
# zsh completion for provisioner.
_provisioner() {
  local line word
  local -a found
  for line in "${(@f)$("${words[1]}" __complete "=${words[CURRENT]}" "${(@)words[2,CURRENT-1]}" 2>/dev/null)}"; do
    case "$line" in
      :files) _files ;;
      :dirs) _files -/ ;;
      ?*)
        word="${line%%$'\t'*}"
        if [[ "$line" == *$'\t'* ]]; then
          found+=("${word//:/\\:}:${line#*$'\t'}")
        else
          found+=("${word//:/\\:}")
        fi ;;
    esac
  done
  (( ${#found} )) && _describe 'provisioner' found
}
if [ "${funcstack[1]}" = "_provisioner" ]; then
  _provisioner "$@"
else
  compdef _provisioner provisioner
fi
