using Xunit.Sdk;
using Xunit.v3;

// Statistics are of the process: exact only while no other test is at work.
[assembly: Parallelization(Mode = ParallelMode.None)]
