using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;

namespace NativeHeap.Testing;

/// <summary>Native memory was allocated during a <see cref="LeakCheck"/> and not freed. The message lists it.</summary>
[SuppressMessage("Design", "CA1032:Implement standard exception constructors", Justification = "It is made of reports and thrown here alone.")]
public sealed class NativeLeakException : Exception
{
    internal NativeLeakException(IReadOnlyList<LeakReport> leaks)
        : base($"Native memory was allocated and not freed.{Environment.NewLine}{string.Join(Environment.NewLine, leaks)}") => Leaks = leaks;

    /// <summary>What was not freed: a report for each heap that holds some.</summary>
    public IReadOnlyList<LeakReport> Leaks { get; }
}
