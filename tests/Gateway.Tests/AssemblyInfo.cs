using Xunit.Sdk;
using Xunit.v3;

// Collections and bytes are counted for the process: nothing else may run meanwhile.
[assembly: Parallelization(Mode = ParallelMode.None)]
