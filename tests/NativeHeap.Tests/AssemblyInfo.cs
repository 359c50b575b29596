using NativeHeap.Tests.Torture;

using Xunit;
using Xunit.Sdk;
using Xunit.v3;

// Statistics are of the process: exact only while no other test is at work.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: AssemblyFixture(typeof(RandomDelays))]
