# Reads a disassembly of objdump for aarch64 and prints a line for every innermost loop with at least `least` multiply-adds of vectors: how
# many vectors go to the stack or come from there, how many multiply-adds, where, and in which function.
function finish(  i, j, k, inner, f, s) {
  for (i = 1; i <= loops; i++) {
    inner = 1
    for (j = 1; j <= loops; j++) if (first[j] >= first[i] && last[j] <= last[i] && (first[j] != first[i] || last[j] != last[i])) inner = 0
    if (!inner) continue
    f = s = 0
    for (k = 1; k <= n; k++) if (at[k] >= first[i] && at[k] <= last[i]) { f += fma[k]; s += stack[k] }
    if (f >= least) printf "%d %d %x %s\n", s, f, first[i], name
  }
  loops = n = 0
}
function number(digits,  i, v) {
  for (i = 1; i <= length(digits); i++) v = v * 16 + index("0123456789abcdef", substr(digits, i, 1)) - 1
  return v
}
/^[0-9a-f]+ </ { finish(); name = $2; next }
/^ +[0-9a-f]+:/ {
  split($1, place, ":")
  at[++n] = number(place[1])
  fma[n] = /\tfml[as]\t/
  stack[n] = /\t(ld|st)u?[rp]\tq.*\[(sp|x29)/
  if ($2 ~ /^(b|b\..*|cbn?z|tbn?z)$/)
    for (i = 3; i < NF; i++)
      if ($i ~ /^[0-9a-f]+$/ && $(i + 1) ~ /^</ && number($i) <= at[n]) { first[++loops] = number($i); last[loops] = at[n] }
}
END { finish() }
