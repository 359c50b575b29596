using NativeHeap.Package.Tests;

using Xunit;
using Xunit.Sdk;
using Xunit.v3;

// Each test is a build that takes all processors there are.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: AssemblyFixture(typeof(Packages))]
