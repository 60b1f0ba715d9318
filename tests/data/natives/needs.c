/* Needs the one function that -DNEED names, so that the linker records where it comes from. */
extern int NEED();
#if defined(_WIN32)
__declspec(dllexport)
#else
int main(void) { return NEED(); }
#endif
int call_it(void) { return NEED(); }
