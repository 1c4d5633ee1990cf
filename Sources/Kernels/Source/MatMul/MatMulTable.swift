import KernelTable

@inline(__always)
func matMulKernels() -> MatMulKernels {
  MatMulKernels(
    tileRows: matMulRows,
    panelColumns: max(16, panelWidth), gathersTokens: AttentionTile.tokens < 8,
    pack: { packPanels($0, $1, $2, $3, $4, $5, $6) },
    multiply: { multiply($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) },
    keyBounds: { attentionKeyBounds($0, $1, $2) },
    attend: { attend($0, $1, $2, $3, $4, $5, $6) })
}
