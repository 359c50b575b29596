using Xunit.Sdk;
using Xunit.v3;

// Leaks are those of the process: only while no other test is at work are they a test's own.
[assembly: Parallelization(Mode = ParallelMode.None)]
