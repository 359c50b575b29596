using System;
using System.Collections.Immutable;
using System.Linq;

using Microsoft.Extensions.DependencyInjection;

namespace NativeHeap.AspNetCore;

/// <summary>The pools that an application's statistics and health are about: the server's, and those registered as services.</summary>
/// <param name="services">The application's.</param>
internal sealed class ReportedPools(IServiceProvider services)
{
    private readonly NativeMemoryPoolFactory? _factory = services.GetService<NativeMemoryPoolFactory>();
    private readonly ImmutableArray<NativeMemoryPool> _registered = [.. services.GetServices<NativeMemoryPool>().Where(static pool => pool != NativeMemoryPool.Shared).Distinct()];

    /// <summary>Those of this moment, without <see cref="NativeMemoryPool.Shared"/>.</summary>
    public ImmutableArray<NativeMemoryPool> All => _factory == null ? _registered : _factory.Pools.AddRange(_registered);
}
