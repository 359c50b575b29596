// Between Before and After runs the test's method alone: what the class's constructor allocates and Dispose frees is there at both. An instance of the attribute on a class or an assembly serves all of its tests, several of them at a
// time if they are parallel, so that the check is kept by the test.

using System;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

using Xunit.v3;

namespace NativeHeap.Testing;

/// <summary>Fails a test of xunit v3 that allocates native memory and does not free it, in any heap, with the report. On a method, a class, or the assembly.</summary>
/// <remarks>
/// What counts is the test's method: not the constructor of its class, nor its <c>Dispose</c>. No other test may run at the same time: put <c>[assembly: Parallelization(Mode = ParallelMode.None)]</c> into the project, or
/// the tests concerned into one collection that has parallelism disabled. Else what other tests allocate meanwhile is told as a leak of this one, and what they free may hide one; <see cref="LeakCheck.Begin"/>
/// with a heap of the test's own does without that.
/// </remarks>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class | AttributeTargets.Assembly, Inherited = true)]
public sealed class NoNativeLeaksAttribute : Attribute, IBeforeAfterTestAttribute
{
    private readonly ConditionalWeakTable<IXunitTest, LeakCheck> _checks = [];

    /// <summary>Whether what is still reachable from tables, pools, collections and roots is no leak.</summary>
    public bool IgnoreReachable { get; init; }

    /// <inheritdoc/>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "After ends it.")]
    public void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        ArgumentNullException.ThrowIfNull(test);
        _checks.AddOrUpdate(test, LeakCheck.Begin(options: new LeakCheckOptions { IgnoreReachable = IgnoreReachable }));
    }

    /// <inheritdoc/>
    public void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        ArgumentNullException.ThrowIfNull(test);
        if (_checks.TryGetValue(test, out LeakCheck? check))
        {
            check.End();
        }
    }
}
