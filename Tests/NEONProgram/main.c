int check_neon_kernels(void);

int main(void) { return check_neon_kernels(); }
