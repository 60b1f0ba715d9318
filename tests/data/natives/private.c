/* Stands in for the C library, to link against. */
int private_function(void) { return 0; }
