using Xunit.Sdk;
using Xunit.v3;

// The program's errors go to the console, which the tests put something else in the place of.
[assembly: Parallelization(Mode = ParallelMode.None)]
